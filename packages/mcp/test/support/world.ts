import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Agent, type AgentOptions, type JsonObject, type ToolStep } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import { onTestFinished } from 'vitest'
import { McpServers, type McpOptions, type McpStdioServer } from '../../src/index.ts'

const scenarioServer = fileURLToPath(new URL('scenario-server.mjs', import.meta.url))

/** A folder that is there until the test is over. */
export async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(path.join(tmpdir(), 'harnext-mcp-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A server that does what the scenario says; see there. */
export function scenario(what: JsonObject | string): McpStdioServer {
  const given = typeof what === 'string' ? what : JSON.stringify(what)
  return { command: process.execPath, args: [scenarioServer, given] }
}

/** The same, with a scenario that the test can change while the server runs. */
export async function changingScenario(
  what: JsonObject,
): Promise<{ readonly server: McpStdioServer; change(to: JsonObject): Promise<void> }> {
  const file = path.join(await folder(), 'scenario.json')
  const change = (to: JsonObject): Promise<void> => writeFile(file, JSON.stringify(to))
  await change(what)
  return { server: scenario(file), change }
}

/** The program of a package that is installed for the tests. */
export function program(name: string): string {
  return fileURLToPath(
    new URL(`../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url),
  )
}

/** Servers that end with the test. */
export async function serversOf(
  servers: McpOptions['servers'],
  options: Partial<McpOptions> = {},
): Promise<McpServers> {
  const mcp = new McpServers({ roots: options.roots ?? [await folder()], ...options, servers })
  onTestFinished(() => mcp.close())
  return mcp
}

/** The steps of a run whose model makes these calls, one a turn. */
export async function stepsOf(
  mcp: McpServers,
  calls: readonly (readonly [tool: string, args?: JsonObject])[],
  options: Partial<AgentOptions> = {},
): Promise<readonly ToolStep[]> {
  const script = calls.map(([name, args = {}], index) => [call(`c${index}`, name, args)] as const)
  const agent = new Agent({
    name: 'test',
    adapter: scripted([...script.map((each) => [...each]), 'done']),
    model: 'm',
    permissionMode: 'bypass',
    toolSources: [mcp],
    workspace: localWorkspace({ roots: [tmpdir()] }),
    ...options,
  })
  const { steps, error } = await agent.run([], 'go').result
  if (error) throw error
  return steps
}

/** Ids of the living processes that have `marker` among their arguments. */
export function processesWith(marker: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat=,args=']).toString().split('\n')
  return lines
    .filter((line) => line.includes(marker) && !/^\s*\d+ Z/.test(line))
    .map((line) => Number.parseInt(line, 10))
}

/** Asks again until it is so. The guard is ten times what any of it takes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not come to that in 30 s.')
    await delay(20)
  }
}

export async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}
