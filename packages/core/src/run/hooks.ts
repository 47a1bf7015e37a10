import type { RunEvent } from '../events.ts'
import type { Awaitable, Json } from '../json.ts'
import type { Message } from '../messages.ts'
import type { ProviderAdapter } from '../model/adapter.ts'
import type { ToolResultLike } from '../tool/tool.ts'

/** What a hook may put into the log: a user message that is not the person's, a compaction, or the usage of its own model call. */
export type HookEvent = Extract<RunEvent, { type: 'message' | 'compaction' | 'usage' }>

export interface HookView {
  readonly messages: readonly Message[]
  /** The turn that is about to begin, counted from 1 in this run. */
  readonly turn: number
  readonly maxTurns: number
  readonly adapter: ProviderAdapter
  readonly model: string
  readonly signal: AbortSignal
  /** Ids of the child runs from the root to this one; empty in the root. */
  readonly agentPath: readonly string[]
}

/**
 * Runs before each model call. It never edits: it returns events to be folded. It must be a function of the state, so that a crash
 * after its record does not repeat it. What it throws ends the run with `error`.
 */
export type Hook = (view: HookView) => Awaitable<readonly HookEvent[]>

export interface ToolHookCall {
  readonly id: string
  readonly tool: string
  readonly args: Json
  readonly signal: AbortSignal
  readonly agentPath: readonly string[]
}

/** All run in the order in which they are given. */
export interface Hooks {
  readonly beforeModel?: Hook | readonly Hook[]
  /**
   * Before a call is decided. `deny` is told to the model. `args` replaces the arguments, which are then checked again. Nothing
   * that it returns permits a call. What it throws denies it. `messages` is the conversation up to the answer that holds the call.
   */
  readonly beforeTool?: (
    call: ToolHookCall,
    messages: readonly Message[],
  ) => Awaitable<void | { readonly deny: string } | { readonly args: Json }>
  /** After a tool ran, before its result becomes an event. What it returns takes the result's place; what it throws is an error result. */
  readonly afterTool?: (
    call: ToolHookCall,
    result: ToolResultLike,
  ) => Awaitable<void | ToolResultLike>
  /** After each turn's last result. What it throws ends the run with `error`. */
  readonly afterTurn?: (view: HookView) => Awaitable<void>
}
