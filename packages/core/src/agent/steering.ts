import type { CallEstimate } from '../budget/ledger.ts'
import type { Batch, RunEvent } from '../events.ts'
import type { Hooks, HookView } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import { nextStep } from '../run/state.ts'
import { withoutMiddle } from '../text/without-middle.ts'
import type { Background } from './background.ts'
import { askForBudget } from './budget-ask.ts'
import { verify } from './checks.ts'
import type { ChildHost } from './child-run.ts'
import { inputEvents } from './input.ts'
import type { OutputCheck } from './output.ts'
import { held } from './run-hooks.ts'

/** Of a text that the run ended without. */
export function undelivered(text: string): RunEvent {
  const message = `not delivered — resend if still needed: ${JSON.stringify(withoutMiddle(text, 200))}`
  return { type: 'warning', code: 'steering_undelivered', message }
}

interface Sources {
  /** What a person said is taken from its `start`. */
  readonly host: ChildHost
  readonly background: Background | null
  readonly output: OutputCheck | undefined
  readonly hooks: Pick<Hooks, 'beforeEnd'>
  view(): HookView
  /** Of the next model call. */
  estimate(): CallEstimate
}

/**
 * What is to be said to the model before it goes on, or instead of an end: first what a person said and what children in the background
 * came to; then, to a model that is done, what is wrong with its answer, what its checks found, and what a hook wants. Before the model
 * is asked, whether a budget that has no room for it may be raised. `null` in most turns: there is nothing that could be said or asked.
 */
export function takeSteering(sources: Sources): AsyncGenerator<Batch, void, undefined> | null {
  const { start, state } = sources.host
  const mayAsk = start.options.budget?.onExceeded === 'ask'
  const isQuiet = !start.steering.texts.length && !sources.background && !mayAsk
  return isQuiet && nextStep(state).do === 'ask' ? null : saidAndAsked(sources)
}

async function* saidAndAsked(sources: Sources): AsyncGenerator<Batch, void, undefined> {
  yield* sayings(sources)
  const { host, view, estimate } = sources
  const { turn, maxTurns } = view()
  if (nextStep(host.state).do === 'ask' && turn <= maxTurns) yield* askForBudget(host, estimate)
}

async function* sayings(sources: Sources): AsyncGenerator<Batch, void, undefined> {
  const { host, background, output, hooks, view } = sources
  const { state, signal } = host
  const said = host.start.steering.texts.splice(0).flatMap((text) => inputEvents(text, 'steer'))
  const ended = background ? await background.takeAtEnd(signal) : []
  if (said.length || ended.length) return yield [...said, ...ended]
  if (!isDone(state)) return
  const repair = output ? await held(() => output.repair(state), signal) : []
  if (repair.length) return yield repair
  yield* verify(host)
  if (!isDone(state) || !hooks.beforeEnd) return
  const wanted = await hooks.beforeEnd(view())
  if (wanted) yield inputEvents(wanted.goOn, 'reminder')
}

function isDone(state: RunState): boolean {
  const step = nextStep(state)
  return step.do === 'end' && step.stopReason === 'complete'
}
