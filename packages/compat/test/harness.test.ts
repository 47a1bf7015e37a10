import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ProviderError } from '@harnext/core'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import {
  PermissionConfig,
  SteeringChannel,
  isResult,
  isSystemEvent,
  isTextMessage,
  isToolResult,
  isToolUse,
  run,
  tool,
  type Message,
  type Result,
  type RunConfig,
} from '../src/harness.ts'
import { temporary } from './temporary.ts'

// What users of Harness know. The number in front of a title is that of the point it holds.

async function harness(steps: readonly ScriptedStep[], config: RunConfig = {}) {
  const cwd = await temporary()
  const provider = scripted(steps)
  const options = {
    provider,
    model: 'm',
    cwd,
    home: path.join(await temporary(), 'home'),
    env: {},
    ...config,
  }
  return { cwd, provider, options, messages: (prompt = 'Go') => collect(run(prompt, options)) }
}

function resultOf(messages: readonly Message[]): Result {
  const last = messages.at(-1)
  if (!last || !isResult(last)) throw new Error('the last message is no result')
  return last
}

const price = () => ({ input: 1, output: 10, cacheRead: 0, cacheWrite: 0 })
const write = (name: string) => call(name, 'write', { path: name, content: name })

test('5 many partial texts, then one full text in each turn', async () => {
  const first = 'I will write both of the files now.'
  const last = 'Both of the files are written.'
  const { messages } = await harness(
    [[{ type: 'text', text: first }, write('a'), write('b')], last],
    { permissionMode: 'bypass' },
  )
  const texts = (await messages()).filter(isTextMessage)
  const whole = texts.filter(({ isPartial }) => !isPartial).map(({ text }) => text)
  expect(whole).toEqual([first, last])
  const partial = texts.filter(({ isPartial }) => isPartial)
  expect(partial.length).toBeGreaterThan(4)
  expect(partial.map(({ text }) => text).join('')).toBe(first + last)
  // The full text of a turn stands behind its chunks.
  expect(texts.map(({ isPartial }) => (isPartial ? '.' : '!')).join('')).toMatch(/^\.+!\.+!$/)
})

test('5 the result has the sums of the turns, and a known price costs something', async () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000 }
  const { messages } = await harness(
    [
      { content: [write('a')], usage },
      { content: [{ type: 'text', text: 'Done.' }], usage },
    ],
    { permissionMode: 'bypass', price },
  )
  expect(resultOf(await messages())).toMatchObject({
    text: 'Done.',
    sessionId: expect.stringMatching(/^sess_[0-9a-f]{12}$/),
    turns: 2,
    toolCalls: 1,
    totalTokens: 2_200_000,
    totalCost: 4,
    costKnown: true,
    stopReason: 'end_turn',
  })
})

test('5 a cost that nobody knows is no number, never 0', async () => {
  const { messages } = await harness(['Done.'])
  const { totalCost, costKnown } = resultOf(await messages())
  expect([totalCost, costKnown]).toEqual([NaN, false])
})

test('5 a call is ToolUse and then ToolResult, with the names of Harness, also when it was denied', async () => {
  const { messages, cwd } = await harness([
    [call('1', 'glob', { pattern: '*' }), write('a')],
    'Done.',
  ])
  const calls = (await messages()).filter((message) => isToolUse(message) || isToolResult(message))
  expect(calls).toMatchObject([
    { id: '1', name: 'Glob', args: { pattern: '*' } },
    { id: 'a', name: 'Write', args: { file_path: 'a', content: 'a' } },
    // What is denied is known before anything has run.
    { toolUseId: 'a', isError: true },
    { toolUseId: '1', isError: false },
  ])
  expect(await readdir(cwd)).toEqual([])
})

test('6 plan runs nothing, not even a hook', async () => {
  const { messages, cwd } = await harness(
    [[write('a'), call('2', 'bash', { command: 'touch b' })], 'Done.'],
    {
      permissionMode: 'plan',
      hooks: [
        { event: 'session_start', command: 'touch c' },
        { event: 'pre_tool_use', command: 'touch d' },
      ],
      approvalCallback: () => true,
    },
  )
  expect((await messages()).filter(isToolResult).map(({ isError }) => isError)).toEqual([
    true,
    true,
  ])
  expect(await readdir(cwd)).toEqual([])
})

test('8 rules with patterns of arguments, and a callback for the rest', async () => {
  const asked: unknown[] = []
  const { messages, cwd } = await harness(
    [
      [
        call('1', 'bash', { command: 'rm -rf x' }),
        call('2', 'bash', { command: 'touch y' }),
        write('z'),
      ],
      'Done.',
    ],
    {
      permissionRules: new PermissionConfig()
        .addDeny('Bash', { command: 'rm -rf*' })
        .addAllow('Bash', { command: 'touch*' }),
      approvalCallback: {
        requestApproval(name, args, description) {
          asked.push(name, args, typeof description)
          return true
        },
      },
    },
  )
  expect((await messages()).filter(isToolResult).map(({ isError }) => isError)).toEqual([
    true,
    false,
    false,
  ])
  expect(asked).toEqual(['Write', { file_path: 'z', content: 'z' }, 'string'])
  expect((await readdir(cwd)).toSorted()).toEqual(['y', 'z'])
})

test('8 a spending limit warns and ends the run', async () => {
  const usage = { inputTokens: 0, outputTokens: 1000 }
  const step = (name: string) => ({ content: [write(name)], usage })
  const { messages } = await harness([step('a'), step('b'), step('c')], {
    permissionMode: 'bypass',
    maxTokens: 1024,
    price,
    budget: { maxCostUsd: 0.0255, warnAt: [0.5] },
  })
  const all = await messages()
  const events = all.filter(isSystemEvent).map(({ type }) => type)
  expect(events).toEqual(['session_start', 'budget_warning', 'budget_exceeded'])
  expect(resultOf(all)).toMatchObject({ stopReason: 'budget', totalCost: 0.02 })
})

test('a limit of turns and a failing provider are stop reasons; the defaults are those of Harness', async () => {
  const { messages, provider } = await harness([[write('a')], 'x'], { maxTurns: 1 })
  expect(resultOf(await messages()).stopReason).toBe('max_turns')
  expect(provider.requests[0]?.maxOutputTokens).toBe(16_384)
  const failing = await harness([new ProviderError('No.', { kind: 'invalid_request' })])
  const all = await failing.messages()
  expect(all.filter(isSystemEvent).at(-1)).toMatchObject({
    type: 'error',
    data: { message: 'No.' },
  })
  expect(resultOf(all).stopReason).toBe('error')
})

test('a session goes on; an unknown id begins one', async () => {
  const { options, provider } = await harness(['One.', 'Two.'], { sessionId: 'mine' })
  expect(resultOf(await collect(run('First', options))).sessionId).toBe('mine')
  await collect(run('Second', options))
  expect(provider.requests[1]?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'user',
  ])
})

test('what is said on the channel reaches the model between two turns', async () => {
  const steering = new SteeringChannel()
  const { messages, provider } = await harness(
    [[call('1', 'glob', { pattern: '*' })], 'Done.', 'Yes.'],
    {
      steering,
    },
  )
  steering.send('Be quick.')
  expect(steering.hasPending).toBe(true)
  await messages()
  const last = provider.requests.at(-1)?.messages ?? []
  expect(JSON.stringify(last)).toContain('Be quick.')
  expect(() => steering.send('Too late')).toThrow(/closed/)
})

test('hooks run around calls, in order, with what happened; one that ends with 2 denies', async () => {
  const { messages, cwd } = await harness([[write("it's"), write('b')], 'Done.'], {
    permissionMode: 'bypass',
    hooks: [
      { event: 'user_prompt', command: 'cat >> log' },
      {
        event: 'pre_tool_use',
        matcher: 'Write',
        command: 'test {file_path} != b || { echo Not b. >&2; exit 2; }',
      },
      {
        event: 'post_tool_use',
        matcher: 'Wr*',
        command: 'echo {event} {tool_name} {file_path} >> log',
      },
      { event: 'post_tool_use', matcher: 'Bash', command: 'echo never >> log' },
      { event: 'agent_stop', command: 'echo {result} >> log' },
      { event: 'session_end', command: 'echo end >> log' },
    ],
  })
  const results = (await messages('Write')).filter(isToolResult)
  expect(results.map(({ content, isError }) => [isError, content.includes('Not b.')])).toEqual([
    [true, true],
    [false, false],
  ])
  const [first = '', ...log] = (await readFile(path.join(cwd, 'log'), 'utf8')).trim().split('\n')
  expect(JSON.parse(first)).toMatchObject({
    hook_event_name: 'UserPromptSubmit',
    prompt: 'Write',
    cwd: expect.any(String),
  })
  expect(log).toEqual(["post_tool_use Write it's", 'Done.', 'end'])
})

test('a hook that takes too long denies', async () => {
  const { messages } = await harness([[write('a')], 'Done.'], {
    permissionMode: 'bypass',
    hooks: [{ event: 'pre_tool_use', command: 'sleep 60', timeout: 0.05 }],
  })
  expect((await messages()).filter(isToolResult)[0]?.content).toContain('longer than 0.05 s')
})

test('tools of one’s own beside named ones', async () => {
  const add = tool({
    name: 'add',
    description: 'Adds',
    parameters: { type: 'object' },
    effects: () => [],
    execute: () => 5,
  })
  const { messages, provider } = await harness([[call('1', 'add')], 'Done.'], {
    tools: ['Read', add],
  })
  expect((await messages()).find(isToolResult)?.content).toBe('5')
  const names = provider.requests[0]?.tools?.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['read', 'add']))
  expect(names).not.toContain('bash')
})

test('leaving the loop cancels the run', async () => {
  const { options, cwd } = await harness(
    [[call('1', 'bash', { command: 'sleep 600; touch x' })], 'Done.'],
    {
      permissionMode: 'bypass',
    },
  )
  for await (const message of run('Wait', options)) if (isToolUse(message)) break
  expect(await readdir(cwd)).toEqual([])
})

test('options that make no sense are refused', async () => {
  await expect(collect(run('x', { interactive: true }))).rejects.toThrow(/approvalCallback/)
  await expect(collect(run('x', { tools: ['Reed'], env: {} }))).rejects.toThrow(/Did you mean read/)
})

test('a hook can refuse what the person asks for; nothing is sent then', async () => {
  const { messages, provider } = await harness(['Done.'], {
    hooks: [
      {
        event: 'user_prompt',
        command: 'grep -q secret && { echo Not that. >&2; exit 2; } || true',
      },
    ],
  })
  const all = await messages('Tell me the secret')
  expect(resultOf(all).stopReason).not.toBe('end_turn')
  expect(JSON.stringify(all)).toContain('Not that.')
  expect(provider.requests).toHaveLength(0)
})

test('agents that the model may give tasks to', async () => {
  const { messages, provider } = await harness(
    [[call('1', 'task', { agent: 'poet', prompt: 'A poem' })], 'Roses are red.', 'Here it is.'],
    { agents: [{ name: 'poet', description: 'Writes poems', systemPrompt: 'You rhyme.' }] },
  )
  const all = await messages()
  expect(all.find(isToolUse)?.name).toBe('Task')
  expect(all.find(isToolResult)?.content).toContain('Roses are red.')
  expect(provider.requests[1]?.system).toContain('You rhyme.')
  // The child's turn counts.
  expect(resultOf(all).totalTokens).toBe(45)
})
