import { expect, test } from 'vitest'
import { inputEvents } from '../../src/agent/input.ts'
import { createLedger } from '../../src/budget/ledger.ts'
import type { RunEvent } from '../../src/events.ts'
import { loop, type LoopOptions } from '../../src/run/loop.ts'
import { toResult } from '../../src/run/result.ts'
import { newState, reduce } from '../../src/run/state.ts'
import { call, scripted } from '../../src/testing.ts'
import { noWorkspace } from '../../src/workspace/no-workspace.ts'
import { stub, types } from './helpers.ts'

const identity = {
  sessionId: 's',
  runId: 'r',
  provider: 'p',
  model: 'm',
  systemHash: '',
  toolsHash: '',
}

/** The loop by itself, over parts that log what they do. */
function bare(log: string[]) {
  const state = newState()
  const ledger = createLedger(
    { maxTokens: 100_000 },
    { usd: 0, tokens: 0, toolCalls: 0, durationMs: 0 },
    () => 0,
  )
  const work = stub('work', async (_, { callId, emit, signal }) => {
    log.push(`run ${callId}`)
    await emit({ type: 'process', id: callId, pid: 1, startedAt: 'x' })
    log.push(`on record ${callId}`)
    if (callId === '2') await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return 'done'
  })
  const options: LoopOptions = {
    state,
    identity,
    agentPath: [],
    workspace: noWorkspace,
    gate: {
      async *permit({ args }, prepare) {
        yield []
        return prepare(args)
      },
      authorize: async () => {},
    },
    signal: new AbortController().signal,
    findTool: () => work,
    refuseCall: ledger.refuseCall,
    clock: () => 0,
    adapter: scripted([
      () => (log.push('ask'), [call('1', 'work'), call('2', 'work')]),
      () => (log.push('ask'), 'ok'),
    ]),
    input: inputEvents('go'),
    prompt: { type: 'prompt', hash: 'h', system: '', tools: [] },
    request: { model: 'm', maxOutputTokens: 50_000 },
    maxTurns: 9,
    hooks: { beforeModel: [] },
    ledger,
    price: null,
    estimateInput: () => 1000,
    triesAgain: () => false,
    async *takeSteering() {},
    result: (end) => toResult(state, identity, '', end),
  }
  return { options, ledger, state }
}

test('no effect starts before the batch that announces it was taken and the next one is asked for', async () => {
  const log: string[] = []
  const { options } = bare(log)
  const batches = loop(options)
  for (;;) {
    const { value, done } = await batches.next()
    if (done) break
    // Whatever a consumer does with a batch, nothing goes on meanwhile.
    for (let ticks = 0; ticks < 50; ticks++) await Promise.resolve()
    if (value.length) log.push(`took ${types(value).join()}`)
    if (types(value).includes('tool_result')) break
  }
  const at = (entry: string) => log.findIndex((line) => line.startsWith(entry))
  expect(at('ask')).toBe(at('took turn_start') + 1)
  expect(at('run 1')).toBe(at('took tool_start') + 1)
  expect(log.filter((line) => line.startsWith('took tool_start'))).toEqual([
    'took tool_start,tool_start',
  ])
  expect(at('on record 1')).toBeGreaterThan(at('took process'))
  await batches.return()
})

test('left at any batch: nothing more starts, what runs is ended, and nothing stays reserved', async () => {
  for (let leaveAt = 1; leaveAt <= 9; leaveAt++) {
    const log: string[] = []
    const { options, ledger } = bare(log)
    const batches = loop(options)
    const seen: RunEvent[] = []
    for (let count = 0; count < leaveAt; count++) {
      const { value } = await batches.next()
      seen.push(...(value ?? []))
    }
    const before = log.length
    await batches.return()
    const more = log.slice(before)
    expect(
      more.filter((line) => line.startsWith('run') || line === 'ask'),
      `left at ${leaveAt}`,
    ).toEqual([])
    // It fits, or it never will; only what is still held would let it wait.
    const estimate = { inputTokens: 60_000, maxOutputTokens: 1024, price: null }
    const waited = AbortSignal.timeout(2000)
    const answer = await ledger.reserve(estimate, waited).catch(() => 'it waits for ever')
    expect(answer, `left at ${leaveAt}`).toBeTypeOf('object')
  }
})

test('the state is never behind what was yielded, and is what a log folds to', async () => {
  const { options, state } = bare([])
  const aborter = new AbortController()
  const events: RunEvent[] = []
  const fresh = newState()
  for await (const batch of loop({ ...options, signal: aborter.signal })) {
    for (const event of batch) reduce(fresh, event)
    events.push(...batch)
    expect(fresh).toEqual(state)
    if (events.some((event) => event.type === 'tool_result')) aborter.abort()
  }
  expect(types(events).at(-1)).toBe('run_end')
  expect(state.open).toBe(false)
})
