import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { decide } from '../../src/permission/decide.ts'
import type { Decision, PermissionModeName } from '../../src/permission/permission.ts'
import { parseRules } from '../../src/permission/rules.ts'
import type { Effect } from '../../src/tool/effects.ts'
import { canonicalToolName } from '../../src/tool/names.ts'

// The published attacks on permission engines, those about other tools than the shell. What a tool does before it names its effects
// (resolving a path, reading a URL) is done here in the simplest way.

const shared =
  process.env['HARNEXT_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url))
const file = path.join(shared, 'attacks', 'cases.jsonl')

interface AttackCase {
  readonly id: string
  readonly title: string
  readonly api: string
  readonly input: {
    readonly mode: PermissionModeName
    readonly rules: { readonly [decision in Decision]: readonly unknown[] }
    readonly tool: string
    readonly args: { readonly [name: string]: string }
    readonly cwd: string
  }
  readonly setup?: {
    readonly files?: { readonly [path: string]: string }
    readonly symlinks?: { readonly [path: string]: string }
  }
  readonly expect: readonly Decision[]
}

const resolving = 'web_fetch must name the addresses that a host name resolves to'
const hops = 'web_fetch must ask for each hop of a redirection'
const schemes = 'web_fetch must refuse a URL that is not of the web or that it cannot read'
/** The cases that a later part decides, and what that part must do. */
const later: { readonly [id: string]: string } = {
  'fetch-ssrf-018': schemes,
  'fetch-ssrf-028': schemes,
  'fetch-ssrf-030': schemes,
  'fetch-ssrf-031': schemes,
  'fetch-ssrf-032': schemes,
  'fetch-ssrf-034': schemes,
  'fetch-ssrf-035': resolving,
  'fetch-ssrf-037': resolving,
  'fetch-ssrf-038': hops,
  'fetch-ssrf-040': hops,
  'fetch-ssrf-041': hops,
}

const cases = existsSync(file)
  ? (await readFile(file, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line): AttackCase => JSON.parse(line))
      .filter(({ api, input }) => api === 'decide' && input.tool !== 'bash')
  : []
if (cases.length === 0) console.warn(`Skipped: the attack cases are not at ${file}.`)

const temporary: string[] = []
afterAll(async () => {
  for (const folder of temporary) await rm(folder, { recursive: true, force: true })
})

describe.skipIf(cases.length === 0)('attack cases', () => {
  test.each(cases.map((each) => [each.id, each.title, each] as const))(
    '%s %s',
    async (id, _, each) => {
      const { decision, reason } = await verdictOn(each)
      const passes = each.expect.includes(decision)
      const why = later[id]
      // One that passes before its time has a reason that is no longer true.
      expect({ decision, reason, why, passes }).toMatchObject({ passes: why === undefined })
    },
  )

  test('all that is for later is in the file', () => {
    const ids = cases.map(({ id }) => id)
    expect(Object.keys(later).filter((id) => !ids.includes(id))).toEqual([])
  })
})

async function verdictOn(template: AttackCase): Promise<ReturnType<typeof decide>> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'attack-')))
  temporary.push(base)
  const places = {
    '{WS}': path.join(base, 'work', 'ws'),
    '{HOME}': path.join(base, 'home'),
    '{OUT}': path.join(base, 'out'),
  }
  for (const folder of Object.values(places)) await mkdir(folder, { recursive: true })
  const text = Object.entries(places).reduce(
    (json, [name, folder]) => json.replaceAll(name, folder),
    JSON.stringify(template),
  )
  const { input, setup }: AttackCase = JSON.parse(text)
  for (const [name, content] of Object.entries(setup?.files ?? {})) {
    await mkdir(path.dirname(name), { recursive: true })
    await writeFile(name, content)
  }
  for (const [link, target] of Object.entries(setup?.symlinks ?? {})) {
    await mkdir(path.dirname(link), { recursive: true })
    await symlink(target, link)
  }
  const parsed = (['deny', 'ask', 'allow'] as const).map((decision) =>
    parseRules(input.rules[decision], decision),
  )
  const { mode, tool, args } = input
  const roots = [places['{WS}']]
  const home = places['{HOME}']
  return decide({
    mode,
    rules: parsed.flatMap(({ rules }) => rules),
    invalidRules: parsed.some(({ errors }) => errors.length > 0),
    call: { tool, args },
    effects: await effectsOf(tool, args, input.cwd, home),
    roots,
    home,
  })
}

async function effectsOf(
  tool: string,
  args: { readonly [name: string]: string },
  cwd: string,
  home: string,
): Promise<Effect[]> {
  const target = async () => resolve(args['path'] ?? '.', cwd, home)
  switch (canonicalToolName(tool)) {
    case 'read':
      return [{ kind: 'read', target: await target() }]
    case 'glob':
    case 'grep':
      return [{ kind: 'read', target: await target(), tree: true }]
    case 'write':
    case 'edit':
      return [{ kind: 'write', target: await target() }]
    case 'web_fetch':
      return [hostOf(args['url'] ?? '')]
    case 'bash':
      return [{ kind: 'execute', target: args['command'] ?? '' }]
    case 'task':
      return [{ kind: 'spawn', target: 'general' }]
    default:
      return [{ kind: 'unknown' }]
  }
}

async function resolve(name: string, cwd: string, home: string): Promise<string> {
  if (name.includes('\0')) return name
  if (name.startsWith('file:')) return resolve(fileURLToPath(name), cwd, home)
  const full = path.resolve(cwd, name.replace(/^~(?=\/|$)/, home))
  const parent = path.dirname(full)
  try {
    return await realpath(full)
  } catch {
    return parent === full ? full : path.join(await resolve(parent, cwd, home), path.basename(full))
  }
}

function hostOf(url: string): Effect {
  return URL.canParse(url) && new URL(url).hostname !== ''
    ? { kind: 'network', target: new URL(url).hostname }
    : { kind: 'unknown' }
}
