import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Agent, MCPConnectionError } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import type { McpStdioServer } from '../src/index.ts'
import {
  folder,
  linesOf,
  processesWith,
  scenario,
  serversOf,
  stepsOf,
  until,
} from './support/world.ts'

const client = fileURLToPath(new URL('support/client.ts', import.meta.url))

/** A client in a process of its own. */
async function clientOf(what: object, end: string) {
  const marker = path.join(await folder(), 'log')
  const server = scenario({ ...what, log: marker })
  const child = spawn(
    process.execPath,
    ['--conditions=@harnext/source', client, JSON.stringify(server), end],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  return { child, exited, marker }
}

test.each([{}, { ignoresEnd: true }])(
  'a client that is killed leaves no server, scenario %j',
  async (what) => {
    const { child, exited, marker } = await clientOf(what, 'stay')
    expect(processesWith(marker).length).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await exited
    await until(() => processesWith(marker).length === 0)
  },
)

test.each(['leave', 'close', 'exit'])(
  'a client that is done ends by itself, and its server too: %s',
  async (end) => {
    const { exited, marker } = await clientOf({ ignoresEnd: true }, end)
    expect(await exited).toEqual([0, null])
    await until(() => processesWith(marker).length === 0)
  },
)

test('nothing is started before a run, runs share a server, and closing ends it', async () => {
  const log = path.join(await folder(), 'log')
  const mcp = await serversOf({ s: scenario({ log, ignoresEnd: true, tools: [{ name: 't' }] }) })
  expect(await linesOf(log)).toEqual([])
  await Promise.all([stepsOf(mcp, [['mcp__s__t']]), stepsOf(mcp, [['mcp__s__t']])])
  await stepsOf(mcp, [['mcp__s__t']])
  const [first, ...calls] = await linesOf(log)
  expect(first).toMatch(/^start \d+$/)
  expect(calls).toEqual(['call t', 'call t', 'call t'])
  await mcp.close()
  expect(processesWith(log)).toEqual([])
})

test('a server that dies in a call is told of, and started again by the next one', async () => {
  const log = path.join(await folder(), 'log')
  const tools = [{ name: 'die', does: 'die' }, { name: 'echo' }]
  const mcp = await serversOf({ s: scenario({ log, tools }) })
  const steps = await stepsOf(mcp, [['mcp__s__die'], ['mcp__s__echo', { a: 1 }]])
  expect(steps).toMatchObject([
    { status: 'error', output: expect.stringContaining('it ended with code 9') },
    { status: 'ok', output: '{"a":1}' },
  ])
  expect((await linesOf(log)).filter((line) => line.startsWith('start'))).toHaveLength(2)
})

test('a broken line ends the connection, and the call that waits is told why', async () => {
  const tools = [{ name: 'break', does: 'malformed' }, { name: 'echo' }]
  const mcp = await serversOf({ s: scenario({ tools, greeting: 'hello, I am a server' }) })
  const steps = await stepsOf(mcp, [['mcp__s__break'], ['mcp__s__echo']])
  expect(steps).toMatchObject([
    { status: 'error', output: expect.stringContaining('a line that is no message') },
    { status: 'ok' },
  ])
})

test('a call that takes too long is a timeout, and the server is told', async () => {
  const log = path.join(await folder(), 'log')
  const server = scenario({ log, tools: [{ name: 'hang', does: 'hang' }] })
  const mcp = await serversOf({ s: { ...server, timeout: 100 } })
  expect(await stepsOf(mcp, [['mcp__s__hang']])).toMatchObject([
    { status: 'error', reason: 'timeout', output: expect.stringContaining('within 100 ms') },
  ])
  await until(async () => (await linesOf(log)).includes('cancelled'))
})

test('cancelling a run cancels its call at the server', async () => {
  const log = path.join(await folder(), 'log')
  const mcp = await serversOf({ s: scenario({ log, tools: [{ name: 'hang', does: 'hang' }] }) })
  const agent = new Agent({
    name: 'test',
    adapter: scripted([[call('1', 'mcp__s__hang', {})], 'done']),
    model: 'm',
    permissionMode: 'bypass',
    toolSources: [mcp],
  })
  const run = agent.run([], 'go')
  for await (const event of run) {
    if (event.type !== 'tool_start') continue
    await until(async () => (await linesOf(log)).includes('call hang'))
    run.cancel()
  }
  expect((await run.result).steps).toMatchObject([{ status: 'error', reason: 'cancelled' }])
  await until(async () => (await linesOf(log)).includes('cancelled'))
})

test('a run goes on without a server that is not there, with a warning, unless it is required', async () => {
  const missing = scenario({ complaint: 'no database' })
  const mcp = await serversOf({ s: missing, t: scenario({ tools: [{ name: 'x' }] }) })
  const options = { name: 'test', model: 'm' }
  const agent = new Agent({ ...options, adapter: scripted(['fine']), toolSources: [mcp] })
  const run = agent.run([], 'go')
  const warnings = (await collect(run)).filter(({ type }) => type === 'warning')
  expect(warnings).toEqual([
    { type: 'warning', code: 'mcp', message: expect.stringContaining('no database') },
  ])
  expect((await run.result).text).toBe('fine')
  const strict = await serversOf({ s: { ...missing, required: true } })
  const failing = new Agent({ ...options, adapter: scripted([]), toolSources: [strict] })
  const { error, stopReason } = await failing.run([], 'go').result
  expect([stopReason, error]).toEqual(['error', expect.any(MCPConnectionError)])
  expect(error?.message).toContain('no database')
})

test('a run that is cancelled while its server starts ends at once, and the server too', async () => {
  const log = path.join(await folder(), 'log')
  const mute = ['-e', `setInterval(() => {}, 1000) // ${log}`]
  const mcp = await serversOf({ s: { command: process.execPath, args: mute } })
  const agent = new Agent({ name: 'test', adapter: scripted([]), model: 'm', toolSources: [mcp] })
  const run = agent.run([], 'go')
  await until(() => processesWith(log).length > 0)
  run.cancel()
  expect((await run.result).stopReason).toBe('cancelled')
  await until(() => processesWith(log).length === 0)
})

const silent = 'process.stdin.resume()'
const half = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params: { protocolVersion } = {} } = JSON.parse(line)
  const serverInfo = { name: 'half', version: '1' }
  const result = { protocolVersion, capabilities: { tools: {} }, serverInfo }
  if (method === 'initialize') console.log(JSON.stringify({ jsonrpc: '2.0', id, result }))
})`

test.each<[string, Partial<McpStdioServer>, RegExp]>([
  [
    'dies at once',
    { args: ['-e', 'console.error("no module"); process.exit(3)'] },
    /used: it ended with code 3; it wrote: no module \(/,
  ],
  [
    'says nothing',
    { args: ['-e', silent], startTimeout: 300 },
    /used: it has not answered within 300 ms$/,
  ],
  [
    'never lists',
    // It has to get as far as that on a busy machine.
    { args: ['-e', half], startTimeout: 4000 },
    /has not said which tools it has within 4000 ms\.$/,
  ],
  [
    'prints no message',
    { args: ['-e', `console.log('{"id":1}');${silent}`] },
    /used: it sent a line that is no message: \{"id":1\} \(/,
  ],
  [
    'is not there',
    { command: 'no-such-program' },
    /used: it ended with code 127; it wrote: .*no-such-program: not found/,
  ],
  ['has no folder', { cwd: '/no-such-folder' }, /used: its folder \/no-such-folder is not there/],
])('what is wrong with a server that %s is said', async (_what, server, message) => {
  const s = { command: process.execPath, startTimeout: 30_000, ...server }
  const mcp = await serversOf({ s })
  const [status] = await mcp.servers()
  expect(status).toMatchObject({ state: 'failed', error: expect.stringMatching(message) })
})
