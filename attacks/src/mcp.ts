import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, isJsonObject, parseRules, type Json, type JsonObject } from '@harnext/core'
import { scripted } from '@harnext/core/testing'
import { memoryPins } from '@harnext/mcp'
import { Harnext } from '@harnext/sdk'
import { builtinTools } from '@harnext/tools'
import type { McpCase, Outcome } from './case.ts'
import { loginTo } from './mcp-login.ts'
import { runWith, verdictOf } from './mcp-run.ts'
import { makePlace, type Place } from './place.ts'

/** Drives a server that does what the scenario says, and names what came of it in the words of the cases. */
export async function runMcp(template: McpCase): Promise<Outcome> {
  const place = await makePlace(template)
  try {
    const { scenario, expect } = place.attack
    const found = await outcomeOf(scenario, place)
    return found.some((each) => expect.includes(each))
      ? null
      : `expected ${expect.join(' or ')}, got ${found.join(', ')}`
  } finally {
    await place.remove()
  }
}

type Scenario = McpCase['scenario']

async function outcomeOf(scenario: Scenario, place: Place<McpCase>): Promise<readonly string[]> {
  if (scenario['approve'] !== undefined) return rugPull(scenario, place)
  if (scenario['servers'] !== undefined) return sameNames(place)
  if (scenario['serverRequest'] !== undefined) return serverAsks(scenario, place)
  if (scenario['childEnvMustNotContain'] !== undefined) return environmentOf(scenario, place)
  if (scenario['toolCount'] !== undefined) return manyTools(scenario, place)
  if (scenario['description'] !== undefined) return describedTool(scenario, place)
  if (scenario['oauth'] !== undefined)
    return [await loginTo(object(scenario['oauth']), place.workspace)]
  if (scenario['projectMcp'] !== undefined) return projectServers(scenario, place)
  return calledTool(scenario, place)
}

/** A tool that was permitted, and then becomes another one. */
async function rugPull(scenario: Scenario, place: Place<McpCase>): Promise<readonly string[]> {
  const approved = object(scenario['approve'])
  const changed = object(scenario['then'])
  const name = text(approved['tool'], 't')
  const pins = memoryPins()
  const options = { permissionMode: 'auto', rules: parseRules(['mcp__s'], 'allow').rules } as const
  for (const about of [approved, { ...approved, ...changed }]) {
    const result = await runWith(
      { s: { tools: [toolOf(name, about)] } },
      [[`mcp__s__${name}`]],
      place,
      options,
      { pins },
    )
    if (about !== approved) return [verdictOf(result)]
    if (result.steps[0]?.status !== 'ok')
      throw new Error('The tool that was permitted did not run.')
  }
  return []
}

function toolOf(name: string, { description, schema }: JsonObject): JsonObject {
  const properties = Object.entries(object(schema ?? {})).map(
    ([property, type]) => [property, { type }] as const,
  )
  return {
    name,
    ...(description !== undefined && { description }),
    inputSchema: { type: 'object', properties: Object.fromEntries(properties) },
  }
}

/** Two servers of one name are one key of an object; names that become equal on the wire are told apart. */
async function sameNames(place: Place<McpCase>): Promise<readonly string[]> {
  const tools = [{ name: 'x' }]
  const servers = { 'git hub': { tools }, git_hub: { tools } }
  try {
    return [
      verdictOf(await runWith(servers, [['mcp__github__x']], place, { permissionMode: 'manual' })),
    ]
  } catch (error) {
    // Nothing starts under two names that cannot be told apart.
    if (error instanceof ConfigError) return ['deny']
    throw error
  }
}

/** Servers that a project brings along. */
async function projectServers(
  scenario: Scenario,
  place: Place<McpCase>,
): Promise<readonly string[]> {
  const file = join(place.workspace, '.mcp.json')
  await writeFile(file, JSON.stringify({ mcpServers: scenario['projectMcp'] ?? {} }))
  const client = new Harnext({
    provider: scripted([]),
    model: 'm',
    cwd: place.workspace,
    home: place.harnextHome,
    env: {},
    trusted: scenario['trusted'] === true,
  })
  try {
    return [(await client.mcp.servers()).length > 0 ? 'allow' : 'deny']
  } finally {
    await client.close()
  }
}

async function serverAsks(scenario: Scenario, place: Place<McpCase>): Promise<readonly string[]> {
  const isElicitation = scenario['serverRequest'] === 'elicitation/create'
  const fields = Array.isArray(scenario['fields']) ? scenario['fields'] : []
  const properties = Object.fromEntries(
    fields.map((field) => [text(field, ''), { type: 'string' }]),
  )
  let asked = false
  const { steps } = await runWith(
    {
      s: {
        tools: [{ name: 't', does: isElicitation ? 'elicit' : 'roots' }],
        elicit: { message: 'Tell me', requestedSchema: { type: 'object', properties } },
      },
    },
    [['mcp__s__t']],
    place,
    { permissionMode: 'bypass' },
    {
      onElicitation: async () => {
        asked = true
        return { action: 'cancel' }
      },
    },
  )
  const output = steps[0]?.output ?? ''
  if (isElicitation) return [asked ? 'ask' : output.includes('accept') ? 'allow' : 'deny']
  const roots = Array.from(output.matchAll(/file:\/\/([^"\\]*)/g), ([, path]) => path)
  const only = roots.length > 0 && roots.every((path) => path === place.workspace)
  return [only ? 'workspace-only' : `roots ${roots.join(' ')}`]
}

async function environmentOf(
  scenario: Scenario,
  place: Place<McpCase>,
): Promise<readonly string[]> {
  const names = scenario['childEnvMustNotContain']
  const forbidden = Array.isArray(names) ? names.map((name) => text(name, '')) : []
  const env = { ...process.env, ...Object.fromEntries(forbidden.map((name) => [name, 'secret'])) }
  const { steps } = await runWith(
    { s: { tools: [{ name: 't', does: 'environment' }] } },
    [['mcp__s__t']],
    place,
    { permissionMode: 'bypass' },
    { env },
  )
  const output = steps[0]?.output ?? ''
  if (!output.includes('PATH')) throw new Error(`The server gave no environment: ${output}`)
  return [forbidden.some((name) => output.includes(name)) ? 'present' : 'absent']
}

async function manyTools(scenario: Scenario, place: Place<McpCase>): Promise<readonly string[]> {
  const { events } = await runWith({ s: { toolCount: scenario['toolCount'] ?? 0 } }, [], place, {})
  const prompt = events.find((event) => event.type === 'prompt')
  const count = prompt?.type === 'prompt' ? prompt.tools.length : 0
  return [count > 0 && count <= 200 ? 'bounded' : `${count} tools`]
}

async function describedTool(
  scenario: Scenario,
  place: Place<McpCase>,
): Promise<readonly string[]> {
  const { events } = await runWith(
    { s: { tools: [{ name: 't', description: scenario['description'] ?? '' }] } },
    [],
    place,
    {},
  )
  const prompt = JSON.stringify(events.find((event) => event.type === 'prompt'))
  if (!prompt.includes('mcp__s__t')) throw new Error('The tool did not reach the prompt.')
  const isRaw = /\p{Default_Ignorable_Code_Point}|\p{Cc}/u.test(prompt)
  return [isRaw ? 'as it is' : 'sanitised']
}

/** A call of a tool: of one that is named like ours, under rules for others, with odd arguments, or that fails. */
async function calledTool(scenario: Scenario, place: Place<McpCase>): Promise<readonly string[]> {
  const server = text(scenario['server'], 's')
  const name = text(scenario['tool'], 't')
  const does = doing(scenario)
  const rules = object(scenario['rules'] ?? {})
  const given = Array.isArray(rules['allow']) ? parseRules(rules['allow'], 'allow').rules : []
  const args =
    typeof scenario['args'] === 'string' ? (JSON.parse(scenario['args']) as JsonObject) : {}
  const isOutcome = scenario['call'] === undefined && scenario['annotations'] === undefined
  const result = await runWith(
    {
      [server]: {
        tools: [{ name, ...(does && { does }), ...annotations(scenario) }],
        resultBytes: scenario['resultBytes'] ?? 0,
      },
    },
    [[text(scenario['call'], `mcp__${server}__${name}`), args]],
    place,
    { permissionMode: isOutcome ? 'bypass' : 'manual', rules: given, tools: builtinTools },
  )
  if (!isOutcome) return [verdictOf(result)]
  const [step] = result.steps
  if (scenario['args'] !== undefined)
    return [
      Object.hasOwn(Object.prototype, 'admin') || 'admin' in {} ? 'pollution' : 'no-pollution',
    ]
  if (scenario['resultBytes'] !== undefined)
    return [(step?.output.length ?? 0) < 1_000_000 ? 'bounded' : 'unbounded']
  return [step?.status === 'error' ? 'error-result' : (step?.status ?? 'no result')]
}

function doing(scenario: Scenario): string | undefined {
  if (scenario['die'] !== undefined) return 'die'
  if (scenario['line'] !== undefined) return 'malformed'
  return scenario['resultBytes'] === undefined ? undefined : 'big'
}

function annotations(scenario: Scenario): JsonObject {
  const given = scenario['annotations']
  return given === undefined ? {} : { annotations: given }
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function text(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}
