import { ToolError, messageOf } from '../errors.ts'
import type { SubagentResult } from '../events.ts'
import type { Awaitable } from '../json.ts'
import type { Message } from '../messages.ts'
import type { RunState } from '../run/run-state.ts'

/** How a child's conversation begins, and whether it is kept. */
export type SubagentSessionMode = 'stateless' | 'new' | 'resume' | 'fork'

/** A conversation of a subagent that can be gone on with. */
export interface SubagentSession {
  /** Whose it is; no other agent may go on with it. */
  readonly agent: string
  readonly messages: readonly Message[]
}

/**
 * Where conversations of subagents are kept beyond their run, so that another run, agent or process can go on with them by their ids.
 * Without one they are in the log of their parent's run alone.
 */
export interface SubagentSessions {
  /** For tasks that do not say. @default 'stateless' */
  readonly defaultMode?: 'stateless' | 'new'
  /** `null` or `undefined`: there is none. What it throws is the result of the call. */
  load(id: string): Awaitable<SubagentSession | null | undefined>
  /**
   * What a task that goes on with it, or with a copy of it, begins with; what it throws is the result of the call.
   * @default the messages as they were kept
   */
  prepare?(session: SubagentSession, signal: AbortSignal): Awaitable<readonly Message[]>
  /**
   * Called once for each child that is kept, when it has ended, as `ended` says. `before` is what the child began with; it must throw where
   * something else is kept by now, as then somebody else went on with it at the same time. The parent is told what it throws.
   */
  save(
    id: string,
    session: SubagentSession,
    before: SubagentSession | null,
    ended: SubagentResult,
  ): Awaitable<void>
}

interface Host {
  readonly state: RunState
  readonly start: { readonly options: { readonly subagentSessions?: SubagentSessions } }
}

interface Wanted {
  readonly mode: 'resume' | 'fork'
  readonly agent: string
  readonly id: string | undefined
  readonly callId: string
  readonly signal: AbortSignal
}

/** What is kept, and what the log does not hold of it. Throws `ToolError` where there is nothing to go on with. */
export async function findSession(
  { state: { children, turn }, start }: Host,
  { mode, agent, id, callId, signal }: Wanted,
): Promise<{ readonly stored?: SubagentSession; readonly history?: readonly Message[] }> {
  const there = `Sessions that can be gone on with: ${[...children.keys()].join(', ') || 'none'}.`
  if (id === undefined)
    throw new ToolError('task', `session.mode ${mode} needs session.id. ${there}`)
  const child = children.get(id)
  const stored = (await start.options.subagentSessions?.load(id)) ?? undefined
  const owner = stored?.agent ?? child?.agent
  if (!child && !stored)
    throw new ToolError('task', `There is no agent session ${JSON.stringify(id)}. ${there}`)
  if (owner !== agent)
    throw new ToolError('task', `Agent session ${id} belongs to another agent than ${agent}.`)
  // After a crash the call that had begun it goes on with it.
  if (child?.open && mode === 'resume') {
    if (child.call === callId && child.startedIn === turn) return {}
    throw isBusy(id)
  }
  if (!stored) return {}
  const { subagentSessions } = start.options
  const history = (await subagentSessions?.prepare?.(stored, signal)) ?? stored.messages
  return sameMessages(child?.messages, history) ? { stored } : { stored, history }
}

export function isBusy(id: string): ToolError {
  return new ToolError('task', `Agent session ${id} is busy: wait until it has ended.`)
}

/** The result of a child whose conversation was put into the store, or had to be. */
export async function keepSession(
  sessions: SubagentSessions,
  id: string,
  {
    state,
    result,
    before,
  }: {
    readonly state: RunState
    readonly result: SubagentResult
    readonly before: SubagentSession | null
  },
): Promise<SubagentResult> {
  try {
    await sessions.save(id, { agent: result.agent, messages: state.messages }, before, result)
    return result
  } catch (error) {
    const message = `Its session ${id} could not be kept: ${messageOf(error)}`
    return { ...result, stopReason: 'error', error: { code: 'subagent_session', message } }
  }
}

function sameMessages(known: readonly Message[] | undefined, given: readonly Message[]): boolean {
  return known?.length === given.length && JSON.stringify(known) === JSON.stringify(given)
}
