import type {
  HandleInfo,
  HarnextError,
  JsonObject,
  RunResult as CoreResult,
  SessionCache,
} from '@harnext/core'

/** `success` also when the answer was cut by its token limit; `stopReason` tells. */
export type RunStatus = 'success' | 'max_turns_exceeded' | 'error'

export interface RunResult {
  readonly text: string
  readonly status: RunStatus
  readonly turns: number
  readonly runFile: string
  /** Of the last answer, in the words of the Messages API: `end_turn`, `tool_use`, `max_tokens` …; `null` when there was none. */
  readonly stopReason: string | null
  readonly usage: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cacheReadTokens: number
    readonly cacheWriteTokens: number
  }
  readonly error: HarnextError | null
  readonly runId: string
  readonly sessionId: string
  /** What the tool `answer` was given last (`answerTool` of core); `null` where it was not called. */
  readonly value: unknown
  /** Of what the cache holds, by its handle. */
  readonly cacheSnapshots: { readonly [handle: string]: JsonObject }
  readonly cacheStorage: { readonly [handle: string]: Pick<HandleInfo, 'location' | 'size'> }
}

export function toRunResult(
  result: CoreResult<unknown>,
  facts: Pick<RunResult, 'runFile' | 'stopReason' | 'runId'>,
  cache: SessionCache | undefined,
): RunResult {
  const handles = cache?.list() ?? []
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = result.usage
  return {
    text: result.text,
    status: statusOf(result),
    turns: result.turns,
    usage: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens },
    error: result.error ?? null,
    sessionId: result.sessionId,
    value: result.output,
    cacheSnapshots: Object.fromEntries(
      handles.map(({ handle, snapshot }) => [handle, snapshot] as const),
    ),
    cacheStorage: Object.fromEntries(
      handles.map(({ handle, location, size }) => [handle, { location, size }] as const),
    ),
    ...facts,
  }
}

function statusOf({ stopReason }: CoreResult<unknown>): RunStatus {
  if (stopReason === 'max_turns') return 'max_turns_exceeded'
  return stopReason === 'complete' || stopReason === 'length' || stopReason === 'refused'
    ? 'success'
    : 'error'
}
