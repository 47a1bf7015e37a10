/** What `agent_await` waits for: all successes or the first failure, the first success, the first end, all ends. */
export type AwaitMode = 'all' | 'any' | 'race' | 'allSettled'

/** How subagents may run beside their parent. */
export interface SubagentBackgroundOptions {
  /** Of one run, at a time. Those above it wait, in the order of their calls. @default Infinity */
  readonly maxConcurrent?: number
  /** Milliseconds for each, from when it begins to work; one that takes longer has failed. After a crash they count anew. @default no limit */
  readonly timeout?: number
  /**
   * Whether they are cancelled when the run ends by a limit or an error; `false`: its end waits for them. A run that is done waits for
   * them in any case, and one that is cancelled cancels them. @default true
   */
  readonly autoCancel?: boolean
  /** What the model gets to look after them. It is told how each one ended in any case. @default all of it */
  readonly tools?: {
    /** `agent_status`. @default true */
    readonly status?: boolean
    /** `agent_cancel`. @default true */
    readonly cancel?: boolean
    /** `agent_await`, or the modes that it offers: the first one is for calls that say none, unless there is `all`. @default true */
    readonly await?: boolean | readonly AwaitMode[]
  }
}

export const AWAIT_MODES: readonly AwaitMode[] = ['all', 'allSettled', 'any', 'race']

/** None: `agent_await` is not offered. */
export function awaitModes({ tools = {} }: SubagentBackgroundOptions): readonly AwaitMode[] {
  const { await: offered = true } = tools
  if (typeof offered === 'boolean') return offered ? AWAIT_MODES : []
  return [...new Set(offered)]
}
