import { readdirSync } from 'node:fs'
import path from 'node:path'
import { messageOf, type AgentDefinition, type PermissionModeName } from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { readFrontmatter, type FieldValue } from '@harnext/tools/skills'

/** Agents of a folder, and a sentence for each file that is none, or that says what nobody understands. */
export interface FoundAgents {
  /** `model` is as it stands in the file. */
  readonly agents: readonly AgentDefinition[]
  readonly problems: readonly string[]
}

/** The agents in `*.md` of a folder, sorted by their file's name; none where there is no folder. */
export function readAgents(folder: string): FoundAgents {
  const agents: AgentDefinition[] = []
  const problems: string[] = []
  for (const file of markdownFiles(folder)) {
    const read = readAgent(file)
    problems.push(...read.problems)
    agents.push(...read.agents)
  }
  return { agents, problems }
}

export function readAgent(file: string): FoundAgents {
  try {
    const { fields, body } = readFrontmatter(readSettingsFile(file, mostBytes))
    const name = textOf(fields.get('name')) ?? path.basename(file, '.md')
    const description = textOf(fields.get('description'))
    if (!/^[a-z0-9][a-z0-9_-]{0,31}$/i.test(name) || description === undefined)
      return leftOut(
        file,
        description === undefined ? 'it has no description' : `its name is no name: ${name}`,
      )
    const unknown = [...fields.keys()].filter((key) => !known.includes(key))
    const turns = textOf(fields.get('max_turns') ?? fields.get('maxturns'))
    if (turns !== undefined && !/^[1-9]\d*$/.test(turns))
      return leftOut(file, `max_turns must be a whole number of at least 1; got ${turns}`)
    const mode = textOf(fields.get('permission_mode') ?? fields.get('permissionmode'))
    const agent: AgentDefinition = {
      name,
      description,
      ...(body && { appendSystemPrompt: body }),
      ...given('model', textOf(fields.get('model'))),
      ...given('tools', namesOf(fields.get('tools'))),
      ...given('maxTurns', turns === undefined ? undefined : Number(turns)),
      ...(isReadOnly(fields) && { permissionMode: 'plan' }),
      ...(mode !== undefined &&
        !isReadOnly(fields) && { permissionMode: mode as PermissionModeName }),
    }
    return {
      agents: [agent],
      problems: unknown.map((key) => `${file}: nobody understands the key ${key}.`),
    }
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'EFBIG'
    return leftOut(
      file,
      isTooLarge
        ? 'it is larger than 100 KB, and all of it would go with each call'
        : messageOf(error),
    )
  }
}

/** About 25,000 tokens. */
const mostBytes = 100_000

/** Keys of the files of harnext and of the systems whose files it reads; `color` is for their screens. */
const known: readonly string[] =
  'name description model tools color max_turns maxturns permission_mode permissionmode read_only readonly'.split(
    ' ',
  )

function leftOut(file: string, why: string): FoundAgents {
  return { agents: [], problems: [`The agent ${file} was left out: ${why}.`] }
}

function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value }
}

function isReadOnly(fields: ReadonlyMap<string, FieldValue>): boolean {
  return ['true', 'yes'].includes(textOf(fields.get('read_only') ?? fields.get('readonly')) ?? '')
}

function textOf(value: FieldValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A list, or names with commas between them. `*` is all of them, as when nothing is said. */
function namesOf(value: FieldValue | undefined): readonly string[] | undefined {
  if (value === undefined || value === '*') return undefined
  const names = typeof value === 'string' ? value.split(',') : Object.values(value)
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function markdownFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.md'))
    return names.toSorted().map((name) => path.join(folder, name))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return []
    throw error
  }
}
