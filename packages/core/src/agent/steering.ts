import type { RunEvent } from '../events.ts'
import type { Hooks, HookView } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import { nextStep } from '../run/state.ts'
import type { Background } from './background.ts'
import { inputEvents } from './input.ts'
import type { OutputCheck } from './output.ts'
import { held } from './run-hooks.ts'

interface Sources {
  readonly state: RunState
  /** What a person said; taken from here. */
  readonly texts: string[]
  readonly background: Background | null
  readonly output: OutputCheck | undefined
  readonly hooks: Pick<Hooks, 'beforeEnd'>
  readonly signal: AbortSignal
  view(): HookView
}

/**
 * What is to be said to the model before it goes on, or instead of an end: first what a person said and what children in the background
 * came to; then, to a model that is done, what is wrong with its answer, and what a hook wants.
 */
export async function takeSteering(sources: Sources): Promise<readonly RunEvent[]> {
  const { state, texts, background, output, hooks, signal, view } = sources
  const said = texts.splice(0).flatMap((text) => inputEvents(text, 'steer'))
  const ended = background ? await background.takeAtEnd(signal) : []
  if (said.length || ended.length) return [...said, ...ended]
  const step = nextStep(state)
  if (step.do !== 'end' || step.stopReason !== 'complete') return []
  const repair = output ? await held(() => output.repair(state), signal) : []
  if (repair.length || !hooks.beforeEnd) return repair
  const wanted = await hooks.beforeEnd(view())
  return wanted ? inputEvents(wanted.goOn, 'reminder') : []
}
