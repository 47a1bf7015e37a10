import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, messageOf, type AgentOptions, type Policy } from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { parsePolicy, type PolicyFile } from './parse-policy.ts'

export interface PolicyPlaces {
  /** The folder of the administrator's settings. */
  readonly managed: string
  readonly cwd: string
  /** Of harnext. */
  readonly home: string
  /** Whether the project's may allow anything. */
  readonly trusted: boolean
}

const names = ['policy.json', 'policy.yaml', 'policy.yml', 'policy.toml']
const deepest = 10

type Policies = NonNullable<AgentOptions['policies']>

/**
 * The policies of the organisation, those that a program gives, of the project (`.harnext/policy.yaml`) and of the person, in this order:
 * the first rule that matches decides. They are read when a run begins, which may throw `ConfigError`.
 */
export function policiesOf(
  given: Policies | undefined,
  places: PolicyPlaces,
): { readonly policies?: Policies } {
  const { managed, cwd, home, trusted } = places
  const folders = [managed, path.join(cwd, '.harnext'), home]
  if (folders.every((folder) => filesIn(folder).length === 0))
    return given ? { policies: given } : {}
  return {
    async policies() {
      const [organisation, project, person] = await Promise.all(folders.map(policyIn))
      const found = [
        organisation,
        ...(typeof given === 'function' ? await given() : (given ?? [])),
        project && (trusted ? project : tightened(project)),
        person,
      ]
      return found.filter((policy) => policy !== undefined)
    },
  }
}

function filesIn(folder: string): readonly string[] {
  return names.map((name) => path.join(folder, name)).filter(existsSync)
}

async function policyIn(folder: string): Promise<Policy | undefined> {
  const [file, other] = filesIn(folder)
  if (file === undefined) return undefined
  if (other !== undefined)
    throw new ConfigError(`There are two policies, ${file} and ${other}: join them.`)
  return withInherited(await readPolicy(file), [await realpath(file)])
}

/** Its own rules come first; its default comes after the rules of all. */
async function withInherited(own: PolicyFile, chain: readonly string[]): Promise<Policy> {
  const from = chain.at(-1) ?? ''
  if (own.inherit.length && chain.length > deepest)
    throw new ConfigError(`${from}: more than ${deepest} policies inherit from each other.`)
  const parents: Policy[] = []
  for (const inherited of own.inherit) {
    const file = path.resolve(path.dirname(from), inherited)
    if (!existsSync(file))
      throw new ConfigError(`${from}: the policy that it inherits, ${file}, is not there.`)
    const real = await realpath(file)
    if (chain.includes(real)) throw new ConfigError(`${from} and ${real} inherit from each other.`)
    parents.push(await withInherited(await readPolicy(file), [...chain, real]))
  }
  const decision = [own, ...parents].find((each) => each.default !== undefined)?.default
  return {
    name: own.name,
    rules: [...own.rules, ...parents.flatMap(({ rules }) => rules)],
    ...(decision !== undefined && { default: decision }),
  }
}

async function readPolicy(file: string): Promise<PolicyFile> {
  let value: unknown
  try {
    value = await parseText(readSettingsFile(file), path.extname(file))
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  return parsePolicy(value, file)
}

/** The parsers load where a policy is written in their language. */
async function parseText(text: string, extension: string): Promise<unknown> {
  if (extension === '.json') return JSON.parse(text)
  if (extension === '.toml') {
    const toml = await import('smol-toml')
    return toml.parse(text)
  }
  const yaml = await import('yaml')
  return yaml.parse(text, { maxAliasCount: 100 })
}

/** A folder that is not trusted may forbid and ask. */
function tightened({ name, rules, default: decision }: Policy): Policy {
  return {
    name,
    rules: rules.filter((rule) => rule.decision !== 'allow'),
    ...(decision !== undefined && decision !== 'allow' && { default: decision }),
  }
}
