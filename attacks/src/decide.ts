import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  Agent,
  ConfigError,
  ToolResult,
  canonicalToolName,
  isJsonObject,
  parseRules,
  tool,
  type Decision,
  type Json,
  type PermissionModeName,
  type PermissionRule,
  type Tool,
  type ToolSource,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import { resolveSettings } from '@harnext/sdk/settings'
import { webFetchTool } from '@harnext/tools'
import type { DecideCase, Outcome, RuleLists, Setup, Verdict } from './case.ts'
import { makePlace, type Place } from './place.ts'

/** Asks what the loop asks: the call is made by a model in a run, with the settings as files, and with tools that end before they act. */
export async function runDecide(template: DecideCase): Promise<Outcome> {
  const place = await makePlace(template)
  try {
    const started = performance.now()
    const verdict = await verdictOn(place)
    const tookMs = performance.now() - started
    const { expect, max_ms: limit } = place.attack
    if (!expect.includes(verdict.decision))
      return `expected ${expect.join(' or ')}, got ${verdict.decision}: ${verdict.reason}`
    // What a run costs around the decision is given besides.
    if (limit !== undefined && tookMs > limit + 500)
      return `it took ${Math.round(tookMs)} ms, and may take ${limit}`
    return null
  } finally {
    await place.remove()
  }
}

interface Found {
  readonly decision: Verdict
  readonly reason: string
}

async function verdictOn(place: Place<DecideCase>): Promise<Found> {
  const { input } = place.attack
  const adapter = scripted([[call('c1', input.tool, input.args)], 'done'])
  let asked: string | undefined
  let agent: Agent
  try {
    agent = await agentFor(place, adapter, (reason) => (asked = reason))
  } catch (error) {
    // Settings that cannot be read start nothing.
    if (error instanceof ConfigError) return { decision: 'deny', reason: error.message }
    throw error
  }
  const { steps } = await agent.run([], 'go').result
  const [step] = steps
  if (asked !== undefined) return { decision: 'ask', reason: asked }
  if (!step) throw new Error('The call was not made.')
  return { decision: step.status === 'ok' ? 'allow' : 'deny', reason: step.output }
}

async function agentFor(
  place: Place<DecideCase>,
  adapter: ReturnType<typeof scripted>,
  onAsk: (reason: string) => void,
): Promise<Agent> {
  const { input } = place.attack
  const { settings = {} } = input
  await writeSettings(place, settings)
  const workspace = localWorkspace({ roots: [place.workspace], home: place.home })
  const { agent } = resolveSettings({
    provider: adapter,
    model: 'm',
    cwd: place.workspace,
    home: place.harnextHome,
    managed: place.managed,
    workspace,
    env: {},
    trusted: settings['trusted'] === true,
    permissionMode: input.mode as PermissionModeName,
    rules: [...rulesOf(input.rules), ...rulesOf(lists(settings['cli']))],
    instructions: false,
    skills: false,
    onPermission: ({ reason }) => {
      onAsk(reason)
      return false
    },
  })
  const tools = [...(agent.tools ?? []), ...otherTools(input.tool)]
  const { store: _store, ...stateless } = agent
  return new Agent({
    ...stateless,
    tools: tools.map((each) =>
      each.name === 'web_fetch' ? fetching(place.attack.setup ?? {}) : withoutActing(each),
    ),
    toolSources: (agent.toolSources ?? []).map(sourceWithoutActing),
  })
}

/** Throws `ConfigError`, as the command line does. */
function rulesOf(given: RuleLists): readonly PermissionRule[] {
  const parsed = (['deny', 'ask', 'allow'] as const).map((decision: Decision) =>
    parseRules(given[decision] ?? [], decision),
  )
  const errors = parsed.flatMap((part) => part.errors)
  if (errors.length) throw new ConfigError(errors.join(' '))
  return parsed.flatMap((part) => part.rules)
}

function lists(value: Json | undefined): RuleLists {
  return isJsonObject(value) ? value : {}
}

/** The settings of each level as the file that they are read from. */
async function writeSettings(
  place: Place<DecideCase>,
  settings: NonNullable<DecideCase['input']['settings']>,
): Promise<void> {
  const files: { readonly [level: string]: string } = {
    managed: place.managed,
    local: path.join(place.workspace, 'harnext.config.local.json'),
    project: path.join(place.workspace, 'harnext.config.json'),
    nested: path.join(place.workspace, 'nested', 'harnext.config.json'),
    user: path.join(place.harnextHome, 'harnext.config.json'),
  }
  for (const [level, value] of Object.entries(settings)) {
    const file = files[level]
    if (file === undefined || !isJsonObject(value)) continue
    const { allow, ask, deny, mode, ...rest } = value
    const permissions = Object.fromEntries(
      Object.entries({ allow, ask, deny }).filter(([, list]) => list !== undefined),
    )
    const content = {
      ...rest,
      ...(mode !== undefined && { permissionMode: mode }),
      ...(Object.keys(permissions).length && { permissions }),
    }
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(content))
  }
}

/** A tool of a server, and one that begins a child, where the case calls such a one. */
function otherTools(name: string): readonly Tool[] {
  const parameters = { type: 'object' } as const
  const execute = () => 'done'
  const description = 'stands for one'
  if (name.startsWith('mcp__'))
    return [tool({ name, description, parameters, execute, effects: () => [{ kind: 'unknown' }] })]
  if (canonicalToolName(name) === 'task')
    return [
      tool({
        name: 'task',
        description,
        parameters,
        execute,
        effects: () => [{ kind: 'spawn', target: 'general' }],
      }),
    ]
  return []
}

/** The tool itself, on an internet of the case's own: each hop is looked up, decided and asked as it would be. */
function fetching({ dns = {}, redirects = {} }: Setup): Tool {
  const asked = new Map<string, number>()
  return webFetchTool({
    async lookup(host) {
      const answers = dns[host]
      if (!answers) throw new Error(`There is no host ${host}.`)
      const count = asked.get(host) ?? 0
      asked.set(host, count + 1)
      // One list for all questions, or one for each, the last for all that follow.
      const eachAnswer = answers.map((answer) => [answer].flat())
      const isSequence = answers.some((answer) => typeof answer !== 'string')
      return isSequence
        ? (eachAnswer[Math.min(count, eachAnswer.length - 1)] ?? [])
        : eachAnswer.flat()
    },
    async request({ url }) {
      const location = redirects[url.href]
      const body = new TextEncoder().encode('A page.')
      if (location === undefined) return { status: 200, type: 'text/plain', body, cut: false }
      return { status: 302, location, type: '', body: new Uint8Array(), cut: false }
    },
  })
}

function sourceWithoutActing(source: ToolSource): ToolSource {
  return {
    async open(context) {
      const opened = await source.open(context)
      return { ...opened, tools: opened.tools.map(withoutActing), close: () => opened.close() }
    },
  }
}

/** What was permitted is all that counts. */
function withoutActing(original: Tool): Tool {
  return { ...original, execute: async () => ToolResult.ok('It was permitted.') }
}
