import type { RunEvent } from '../events.ts'
import type { Awaitable, Json } from '../json.ts'
import type { Message } from '../messages.ts'
import type { ProviderAdapter } from '../model/adapter.ts'
import type { PermissionAnswer, PermissionRequest } from '../permission/permission.ts'
import type { ToolResultLike } from '../tool/tool.ts'
import type { RunResult } from './result.ts'

/** What a hook may put into the log: a user message that is not the person's, a compaction, or the usage of its own model call. */
export type HookEvent = Extract<
  RunEvent,
  { type: 'message' | 'compaction' | 'usage' | 'warning' | 'prompt' | 'cache_break' }
>

export interface HookView {
  readonly messages: readonly Message[]
  /** The turn that is about to begin, counted from 1 in this run. */
  readonly turn: number
  readonly maxTurns: number
  readonly adapter: ProviderAdapter
  readonly model: string
  readonly sessionId: string
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
  readonly sessionId: string
  readonly signal: AbortSignal
  readonly agentPath: readonly string[]
}

/** What a hook says to a call: no, other arguments, or that what would be permitted is to be asked for. */
export type ToolVerdict =
  | { readonly deny: string }
  | { readonly args: Json; readonly ask?: string }
  | { readonly args?: Json; readonly ask: string }

/** Those of an agent run before those of a call. */
export interface Hooks {
  readonly beforeModel?: Hook | readonly Hook[]
  /**
   * Before a call is decided. `deny` is told to the model. `args` replaces the arguments, which are then checked again. `ask`, a reason:
   * where the engine allows the call, it asks. Nothing that it returns permits a call. What it throws denies it. `messages` is the conversation up to the answer that holds the call.
   */
  readonly beforeTool?: (
    call: ToolHookCall,
    messages: readonly Message[],
  ) => Awaitable<void | ToolVerdict>
  /** After a tool ran, before its result becomes an event. What it returns takes the result's place; what it throws is an error result. */
  readonly afterTool?: (
    call: ToolHookCall,
    result: ToolResultLike,
  ) => Awaitable<void | ToolResultLike>
  /** After each turn's last result. What it throws ends the run with `error`. */
  readonly afterTurn?: (view: HookView) => Awaitable<void>
  /**
   * Before a run with an input, not before one that goes on, and not before a child. `deny` ends it with that reason before anything is
   * sent; `context` is said to the model with the input. What it throws is the run's error.
   */
  readonly beforeRun?: (
    view: RunHookView,
  ) => Awaitable<void | { readonly deny: string } | { readonly context: string }>
  /**
   * When the model is done, a child's too. `goOn` is said to it, and the run goes on; `maxTurns` is what bounds that. What it throws ends
   * the run with `error`.
   */
  readonly beforeEnd?: (view: HookView) => Awaitable<void | { readonly goOn: string }>
  /** Before a person is asked. What it answers counts as the person's answer; what it throws denies. */
  readonly beforeAsk?: (
    request: PermissionRequest,
    about: AskHookView,
  ) => Awaitable<void | PermissionAnswer>
  /**
   * Before the context is shortened, a child's too. `deny` leaves it as it is, so that the vendor may refuse what is too long; `focus` is
   * what the summary should pay attention to. What it throws ends the run with `error`.
   */
  readonly beforeCompaction?: (
    view: CompactionHookView,
  ) => Awaitable<void | { readonly deny: string } | { readonly focus: string }>
  /** When all is on record, before the reader sees `run_end`. What it throws makes the run end with `error`. */
  readonly afterRun?: (result: RunResult) => Awaitable<void>
  /** What the reader of the run is to be told, as `warning` events: taken after each batch, and before `run_end`. Not on record. */
  readonly takeWarnings?: () => readonly HookWarning[]
}

export interface HookWarning {
  readonly code: string
  readonly message: string
}

export interface AskHookView {
  readonly sessionId: string
  readonly signal: AbortSignal
}

export interface RunHookView {
  readonly sessionId: string
  /** The conversation before the input. */
  readonly messages: readonly Message[]
  readonly input: readonly Message[]
  readonly signal: AbortSignal
}

export interface CompactionHookView {
  /** `auto`: the window is full, or the vendor says so. `manual`: somebody asked for it. */
  readonly trigger: 'auto' | 'manual'
  /** What was asked for, or what a hook before this one has said. */
  readonly focus?: string
  readonly sessionId: string
  readonly messages: readonly Message[]
  readonly signal: AbortSignal
  readonly agentPath: readonly string[]
}

/** Several sets of hooks as one, in this order: a denial ends the chain, and each one sees what those before it have made. */
export function mergeHooks(...sets: readonly (Hooks | undefined)[]): Hooks {
  const [first, ...others] = sets.filter((set) => set !== undefined)
  return others.reduce<Hooks>(mergeTwo, first ?? {})
}

function mergeTwo(a: Hooks, b: Hooks): Hooks {
  return {
    ...both('beforeModel', a.beforeModel, b.beforeModel, (first, second) => [first, second].flat()),
    ...both('beforeTool', a.beforeTool, b.beforeTool, (first, second) => async (call, messages) => {
      const said = await first(call, messages)
      if (said && 'deny' in said) return said
      const args = said?.args ?? call.args
      const further = await second({ ...call, args }, messages)
      return said && further && !('deny' in further) ? { ...said, ...further } : (further ?? said)
    }),
    ...both('afterTool', a.afterTool, b.afterTool, (first, second) => async (call, result) => {
      const replaced = await first(call, result)
      return (await second(call, replaced ?? result)) ?? replaced
    }),
    ...both('afterTurn', a.afterTurn, b.afterTurn, (first, second) => async (view) => {
      await first(view)
      await second(view)
    }),
    ...both('beforeRun', a.beforeRun, b.beforeRun, (first, second) => async (view) => {
      const said = await first(view)
      if (said && 'deny' in said) return said
      const further = await second(view)
      if (!said || !further || 'deny' in further) return further ?? said
      return { context: `${said.context}\n${further.context}` }
    }),
    ...both(
      'beforeEnd',
      a.beforeEnd,
      b.beforeEnd,
      (first, second) => async (view) => (await first(view)) ?? second(view),
    ),
    ...both(
      'beforeAsk',
      a.beforeAsk,
      b.beforeAsk,
      (first, second) => async (request, about) =>
        (await first(request, about)) ?? second(request, about),
    ),
    ...both(
      'beforeCompaction',
      a.beforeCompaction,
      b.beforeCompaction,
      (first, second) => async (view) => {
        const said = await first(view)
        if (said && 'deny' in said) return said
        return (await second({ ...view, ...said })) ?? said
      },
    ),
    ...both('afterRun', a.afterRun, b.afterRun, (first, second) => async (result) => {
      await first(result)
      await second(result)
    }),
    ...both('takeWarnings', a.takeWarnings, b.takeWarnings, (first, second) => () => [
      ...first(),
      ...second(),
    ]),
  }
}

function both<HookFunction>(
  name: keyof Hooks,
  first: HookFunction | undefined,
  second: HookFunction | undefined,
  join: (first: HookFunction, second: HookFunction) => HookFunction,
): Hooks {
  const joined = first && second ? join(first, second) : (first ?? second)
  return joined ? { [name]: joined } : {}
}
