import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import {
  Agent,
  memoryStore,
  type AgentOptions,
  type PermissionAnswer,
  type Run,
  type RunEvent,
  type RunResult,
  type SessionStore,
  type Tool,
} from '../../src/index.ts'
import { call, scripted, type ScriptedStep } from '../../src/testing.ts'
import { stub } from './helpers.ts'

/** A run of random turns, calls, answers and hooks, which may be cancelled at any of its events. */
export interface Scenario {
  readonly turns: readonly (readonly ScenarioCall[])[]
  readonly last: 'text' | 'length' | 'refused' | 'pause' | 'error' | 'none'
  readonly answers: readonly ScenarioAnswer[]
  readonly reminders: boolean
  readonly hookDenies: boolean
  readonly maxTurns: number
  readonly maxToolCalls: number
  /** After so many events; more than there are: never. */
  readonly cancelAt: number
}
interface ScenarioCall {
  readonly tool: string
  readonly n: number | string
  readonly sameId: boolean
  readonly cut: boolean
}
type ScenarioAnswer = PermissionAnswer | 'throws'

const toolNames = ['plain', 'fails', 'later', 'write', 'net', 'denied', 'stuck', 'Plain', 'nope']

const scenarioCall: fc.Arbitrary<ScenarioCall> = fc.record({
  tool: fc.constantFrom(...toolNames),
  n: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 2 }) }, fc.constant('x')),
  sameId: fc.boolean(),
  cut: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
})
const answer: fc.Arbitrary<ScenarioAnswer> = fc.constantFrom<ScenarioAnswer>(
  true,
  false,
  'defer',
  'throws',
  { decision: 'allow', remember: true },
  { decision: 'allow', args: { n: 1 } },
  { decision: 'allow', args: { n: 'x' } },
  { decision: 'deny', message: 'not now' },
)

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  turns: fc.array(fc.array(scenarioCall, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
  last: fc.constantFrom('text', 'text', 'text', 'length', 'refused', 'pause', 'error', 'none'),
  answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
  reminders: fc.boolean(),
  hookDenies: fc.boolean(),
  maxTurns: fc.integer({ min: 1, max: 8 }),
  maxToolCalls: fc.integer({ min: 1, max: 12 }),
  cancelAt: fc.integer({ min: 1, max: 80 }),
})

const parameters = { type: 'object', properties: { n: { type: 'number' } } }

/** What a tool did, by its idempotency key, each time that it began. */
export type Effects = string[]

function toolsOf(effects: Effects): readonly Tool[] {
  const log = (
    name: string,
    execute: Parameters<typeof stub>[1],
    rest: Parameters<typeof stub>[2] = {},
  ) =>
    stub(name, (args, context) => (effects.push(context.idempotencyKey), execute(args, context)), {
      parameters,
      ...rest,
    })
  return [
    log('plain', ({ n }) => `plain ${String(n)}`),
    log('fails', () => {
      throw new Error('broken')
    }),
    log('later', async (_, { progress, emit, callId }) => {
      progress(1)
      await setImmediate()
      await emit({ type: 'process', id: callId, pid: 2 ** 22 + 1, startedAt: 'never' }).catch(
        () => {},
      )
      progress(2)
      // Goes on after its end, as a tool that forgot a timer does.
      void setImmediate().then(() => {
        progress(3)
        void emit({ type: 'warning', code: 'late', message: 'late' })
      })
      return 'later'
    }),
    log('write', async () => (await setImmediate(), 'written'), {
      effects: (args) => [
        { kind: 'write', target: `/elsewhere/${String((args as { n?: number }).n)}` },
      ],
    }),
    log('net', () => 'fetched', { effects: () => [{ kind: 'network', target: 'a.test' }] }),
    log('denied', () => 'never', { effects: () => [{ kind: 'network', target: 'denied.test' }] }),
    log('stuck', async (_, { signal }) => {
      for (let ticks = 0; ticks < 5; ticks++) {
        await setImmediate()
        signal.throwIfAborted()
      }
      return 'unstuck'
    }),
  ]
}

function stepsOf({ turns, last }: Scenario): readonly ScriptedStep[] {
  const steps: ScriptedStep[] = turns.map((calls) => ({
    content: [
      { type: 'text', text: 'I will look at that.' },
      ...calls.map(({ tool, n, sameId, cut }, index) => ({
        ...call(sameId ? 'same' : `c${index}`, tool, { n }),
        ...(cut && { invalid: 'Cut off.' }),
      })),
    ],
  }))
  if (last === 'text') steps.push('done')
  else if (last === 'error') steps.push(new Error('the provider failed'))
  else if (last === 'pause')
    steps.push({ content: [{ type: 'text', text: 'wait' }], stopReason: 'pause' }, 'done')
  else if (last !== 'none')
    steps.push({ content: [{ type: 'text', text: 'cut' }], stopReason: last })
  return steps
}

export interface Played {
  readonly events: readonly RunEvent[]
  readonly result: RunResult
  readonly store: SessionStore
  readonly effects: Effects
  readonly run: Run
}

export function agentFor(
  given: Scenario,
  store: SessionStore,
  effects: Effects,
  steps: readonly ScriptedStep[] = stepsOf(given),
): Agent {
  let asked = 0
  const options: AgentOptions = {
    name: 'test',
    adapter: scripted(steps),
    model: 'm',
    store,
    tools: toolsOf(effects),
    maxTurns: given.maxTurns,
    maxRetries: 0,
    budget: { maxToolCalls: given.maxToolCalls },
    rules: [{ effect: 'network', pattern: 'denied.test', decision: 'deny' }],
    onPermission: () => {
      const one = given.answers[asked++ % given.answers.length]
      if (one === 'throws' || one === undefined) throw new Error('nobody is here')
      return one
    },
    hooks: {
      ...(given.reminders && {
        beforeModel: ({ turn }) =>
          turn % 2
            ? []
            : [
                {
                  type: 'message',
                  message: {
                    role: 'user',
                    origin: 'reminder',
                    content: [{ type: 'text', text: 'remember' }],
                  },
                },
              ],
      }),
      ...(given.hookDenies && {
        beforeTool: ({ args }) =>
          (args as { n?: number }).n === 2 ? { deny: 'not 2' } : undefined,
      }),
    },
  }
  return new Agent(options)
}

/** Plays the scenario and reads it to its end, cancelling where it says so. */
export async function play(given: Scenario, store: SessionStore = memoryStore()): Promise<Played> {
  const effects: Effects = []
  const run = agentFor(given, store, effects).run([], 'go')
  const events: RunEvent[] = []
  for await (const event of run) if (events.push(event) === given.cancelAt) run.cancel()
  return { events, result: await run.result, store, effects, run }
}
