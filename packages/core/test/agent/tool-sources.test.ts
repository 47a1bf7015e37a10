import { expect, test } from 'vitest'
import {
  MCPConnectionError,
  tool,
  type OpenTools,
  type Tool,
  type ToolSource,
} from '../../src/index.ts'
import { call, collect } from '../../src/testing.ts'
import { agentOf, ofType, stub, types } from '../run/helpers.ts'

const isText = { type: 'object', properties: { text: { type: 'string' } } } as const

function echo(name: string): Tool {
  return tool({
    name,
    description: 'Says it again',
    parameters: isText,
    effects: () => [{ kind: 'unknown' }],
    execute: ({ text }: { text?: string }) => text ?? 'nothing',
  })
}

function source(opened: Partial<OpenTools>, log: string[] = []): ToolSource {
  return {
    async open() {
      log.push('open')
      return { tools: [], close: async () => void log.push('close'), ...opened }
    },
  }
}

test('tools of a source are there for the run, and it is closed before the run ends', async () => {
  const log: string[] = []
  const warnings = [{ code: 'mcp', message: 'One server is not there.' }]
  const { agent, adapter } = agentOf([[call('1', 'mcp__s__echo', { text: 'hi' })], 'done'], {
    permissionMode: 'bypass',
    tools: [stub('own', () => 'x')],
    toolSources: [source({ tools: [echo('mcp:s.echo')], warnings }, log)],
  })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const result = await run.result
  expect(log).toEqual(['open', 'close'])
  expect(ofType(events, 'warning')).toMatchObject(warnings)
  expect(adapter.requests[0]?.tools?.map(({ name }) => name)).toEqual(['own', 'mcp__s__echo'])
  expect(result.steps).toMatchObject([{ tool: 'mcp:s.echo', status: 'ok', output: 'hi' }])
})

test('events show a tool of a server by its own name, the model sees one that every vendor takes', async () => {
  const { agent, adapter } = agentOf([[call('1', 'mcp__s__echo', { text: 'hi' })], 'done'], {
    permissionMode: 'bypass',
    tools: [echo('mcp:s.echo')],
  })
  const events = await collect(agent.run([], 'go'))
  const named = ['tool_call', 'tool_start', 'tool_result'] as const
  for (const type of named) expect(ofType(events, type)).toMatchObject([{ tool: 'mcp:s.echo' }])
  const sent = JSON.stringify(adapter.requests[1]?.messages)
  expect(sent).toContain('"tool":"mcp__s__echo"')
  expect(sent).not.toContain('mcp:s.echo')
})

test('what a source throws is the error of the run, and the others are closed', async () => {
  const log: string[] = []
  const broken: ToolSource = { open: () => Promise.reject(new MCPConnectionError('s', 'gone')) }
  const { agent } = agentOf(['done'], { toolSources: [source({}, log), broken] })
  const run = agent.run([], 'go')
  expect(types(await collect(run))).toEqual(['error', 'run_end'])
  expect((await run.result).error).toBeInstanceOf(MCPConnectionError)
  expect(log).toEqual(['open', 'close'])
})

test('two tools of one name end the run', async () => {
  const log: string[] = []
  const { agent } = agentOf(['done'], {
    tools: [echo('mcp:s.echo')],
    toolSources: [source({ tools: [echo('mcp:s.echo')] }, log)],
  })
  const { error } = await agent.run([], 'go').result
  expect(error?.message).toBe('Two tools have the name mcp:s.echo.')
  expect(log).toEqual(['open', 'close'])
})

test('a run that is cancelled while a source opens ends as cancelled', async () => {
  const slow: ToolSource = {
    open: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }
  const { agent } = agentOf(['done'], { toolSources: [slow] })
  const run = agent.run([], 'go')
  run.cancel()
  const events = await collect(run)
  expect([types(events)[0], (await run.result).stopReason]).toEqual(['run_start', 'cancelled'])
})

test('a tool that stands for others is decided and shown as the one that is meant', async () => {
  const inner = echo('mcp:s.inner')
  const proxy: Tool = { ...echo('mcp__s'), target: () => inner }
  const { agent } = agentOf([[call('1', 'mcp__s', { text: 'hi' })], 'done'], {
    permissionMode: 'bypass',
    rules: [{ tool: 'mcp__s__inner', decision: 'deny' }],
    tools: [proxy],
  })
  const events = await collect(agent.run([], 'go'))
  expect(ofType(events, 'tool_result')).toMatchObject([{ tool: 'mcp:s.inner', status: 'denied' }])
})

test.each(['manual', 'auto', 'accept_edits'])(
  'no rule permits a tool that has changed, in %s',
  async (permissionMode) => {
    const changed: Tool = {
      ...echo('mcp:s.echo'),
      effects: () => [{ kind: 'unknown', changed: true }],
    }
    const options = {
      permissionMode: permissionMode as 'manual',
      rules: [{ tool: 'mcp__s', decision: 'allow' } as const],
      tools: [changed],
    }
    const asked: string[] = []
    const answered = agentOf([[call('1', 'mcp__s__echo', { text: 'a' })], 'done'], {
      ...options,
      onPermission: ({ reason }) => {
        asked.push(reason)
        return true
      },
    })
    const { steps } = await answered.agent.run([], 'go').result
    expect(steps).toMatchObject([{ status: 'ok', output: 'a' }])
    expect(asked).toEqual([expect.stringContaining('not the same as when it was permitted')])
    const alone = agentOf([[call('1', 'mcp__s__echo', { text: 'a' })], 'done'], options)
    expect((await alone.agent.run([], 'go').result).steps).toMatchObject([{ status: 'denied' }])
  },
)
