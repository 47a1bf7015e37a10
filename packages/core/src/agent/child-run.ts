import type { Ledger } from '../budget/ledger.ts'
import { HarnextError } from '../errors.ts'
import type { Batch, RunEvent, SubagentResult } from '../events.ts'
import type { Awaitable } from '../json.ts'
import type { Message } from '../messages.ts'
import type { RunResult } from '../run/result.ts'
import type { RunState } from '../run/run-state.ts'
import { newState } from '../run/state.ts'
import type { Tool, ToolEvent } from '../tool/tool.ts'
import type { AgentDefinition } from './agent-definition.ts'
import { childOptions } from './child-options.ts'
import { cloneState } from './clone-state.ts'
import { checkOptions } from './options.ts'
import type { StartOptions } from './start.ts'
import { keepSession, type SubagentSession } from './subagent-sessions.ts'
import type { Wired } from './wire.ts'

/** What a run has that its children share. */
export interface ChildHost {
  readonly start: StartOptions
  readonly state: RunState
  readonly ledger: Ledger
  /** The tools that a child may get. */
  readonly tools: readonly Tool[]
  readonly agentPath: readonly string[]
  /** Of the run; children in the background end with it. */
  readonly signal: AbortSignal
  /** Puts a loop together. */
  wire(start: StartOptions, state: RunState): Promise<Wired>
}

export interface ChildTask {
  readonly id: string
  readonly agent: AgentDefinition
  readonly task: string
  readonly call: string
  /** Can be gone on with afterwards. */
  readonly kept: boolean
  /** The child whose conversation it begins with. */
  readonly from?: string
  /** What it begins with, where the log does not hold it. */
  readonly history?: readonly Message[]
  /** What the store of sessions held when it began. */
  readonly stored?: SubagentSession | null | undefined
  readonly background?: true
}

/** Resolves when the event was taken. */
export type Emit = (event: ToolEvent) => Promise<void>
/** Runs a child that has begun to its end. */
export type RunChild = (emit: Emit, signal: AbortSignal) => Promise<SubagentResult>

/**
 * Puts the beginning of a child on record, unless the log holds it already, and returns what runs it to its end. Throws `ConfigError`
 * for an agent that cannot be.
 *
 * Its events enter the parent's run one batch at a time, and it goes on when they were taken: a child's effects stand behind the same
 * barrier. What it returns rejects with the code `paused` when an answer is owed.
 */
export async function beginChild(host: ChildHost, child: ChildTask, emit: Emit): Promise<RunChild> {
  const options = childOptions(host.start.options, child.agent, host.tools)
  checkOptions(options)
  const { id, agent, task, call, from, history, background, kept } = child
  const before = host.state.children.get(id)
  const goesOn = before?.open === true
  const ended = goesOn ? undefined : before?.ended
  // It ended in this very turn, and its process died before its call did.
  if (ended && before?.startedIn === host.state.turn) return () => Promise.resolve(ended)
  if (!goesOn)
    await emit({
      type: 'subagent_start',
      agent: agent.name,
      id,
      task,
      call,
      ...(from !== undefined && { from }),
      ...(history && { history }),
      ...(background && { background }),
    })
  // The attempt that died may have kept it already.
  const stored = goesOn && { stored: await host.start.options.subagentSessions?.load(id) }
  const folded = host.state.children.get(id)
  const state = folded ? cloneState(folded) : newState()
  return async (emitFurther, signal) => {
    const start = childStart(host, id, options, goesOn, signal)
    const end = await drain(await host.wire(start, state), id, emitFurther)
    if (end.stopReason === 'paused')
      throw new HarnextError(`Agent ${agent.name} waits for an answer.`, { code: 'paused' })
    const result = await keptResult(
      host,
      { ...child, ...stored },
      state,
      resultOf(agent.name, end, signal),
    )
    await emitFurther({ type: 'subagent_end', id, result, ...(kept && { kept }) })
    return result
  }
}

function keptResult(
  { start }: ChildHost,
  { id, kept, stored }: ChildTask,
  state: RunState,
  result: SubagentResult,
): Awaitable<SubagentResult> {
  const { subagentSessions } = start.options
  if (!subagentSessions || !kept) return result
  return keepSession(subagentSessions, id, { state, result, before: stored ?? null })
}

function childStart(
  { start, state, ledger, agentPath }: ChildHost,
  id: string,
  options: StartOptions['options'],
  goesOn: boolean,
  signal: AbortSignal,
): StartOptions {
  return {
    ...start,
    // What a person granted for the rest of the session holds here too.
    options: { ...options, rules: [...(options.rules ?? []), ...state.grants] },
    // What it was asked is in its history: `subagent_start` says it.
    from: goesOn ? {} : { input: [] },
    signal,
    steering: { texts: [], open: false },
    parent: { ledger, agentPath: [...agentPath, id] },
  }
}

/** Hands the batches of the child's loop on, and asks for the next one when a batch was taken. */
async function drain(wired: Wired, id: string, emit: Emit): Promise<RunResult> {
  try {
    for (;;) {
      const { value: batch, done } = await wired.batches.next()
      if (done) throw new HarnextError('The loop of a child ended without run_end.')
      const end = batch.at(-1)
      if (end?.type === 'run_end') return end.result as RunResult
      await Promise.all(passedOn(batch, id).map(emit))
    }
  } finally {
    await wired.batches.return()
    wired.close()
  }
}

function passedOn(batch: Batch, id: string): readonly ToolEvent[] {
  return batch.flatMap((event): ToolEvent[] =>
    isForParent(event) ? [{ ...event, agentPath: [id, ...(event.agentPath ?? [])] }] : [],
  )
}

type Ends = 'run_start' | 'run_end' | 'error'
/** `subagent_start` and `subagent_end` stand for these. */
function isForParent(event: RunEvent): event is Exclude<RunEvent, { type: Ends }> {
  return event.type !== 'run_start' && event.type !== 'run_end' && event.type !== 'error'
}

/** A child whose time was up has failed: somebody who cancels it knows of it, and nobody knows of this. */
function resultOf(
  agent: string,
  { stopReason: ended, error: thrown, text, turns, toolCalls }: RunResult,
  { reason }: AbortSignal,
): SubagentResult {
  const isLate = ended === 'cancelled' && HarnextError.is(reason) && reason.code === 'timeout'
  const stopReason = isLate ? 'error' : ended
  const error = isLate ? reason : thrown
  return {
    agent,
    stopReason,
    text,
    turns,
    toolCalls,
    ...(error && { error: { code: error.code, message: error.message } }),
  }
}
