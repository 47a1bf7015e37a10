import type { Ledger } from '../budget/ledger.ts'
import { createCompaction, type Compaction } from '../context/compaction.ts'
import { readResultTool } from '../context/read-result.ts'
import { createCacheWatch, type CacheBreakEvent } from '../context/segments.ts'
import type { RunState } from '../run/run-state.ts'
import { modelsOf, priceOf, type AgentOptions } from './options.ts'
import { promptEvent, toSpec, type Prompt } from './prompt.ts'
import { chained, type Requests } from './request.ts'
import { held } from './run-hooks.ts'

interface Parts {
  readonly ledger: Ledger
  readonly signal: AbortSignal
  readonly prompt: Prompt
  readonly sessionId: string
  readonly agentPath: readonly string[]
  readonly requestFor: (prompt: Prompt) => Requests
}

/** What keeps the context of a run within the window of its model; `null` where that is not wanted. */
export function compactionOf(
  { options }: { readonly options: AgentOptions },
  state: RunState,
  { ledger, signal, prompt, requestFor, sessionId, agentPath }: Parts,
): Compaction | null {
  if (options.compaction === false) return null
  const { adapter, model } = options
  const before = options.hooks?.beforeCompaction
  const small = options.smallModel ?? { adapter, model }
  const now = (): Prompt => state.prompt ?? prompt
  return createCompaction({
    state,
    options: {
      ...windowOf(options),
      ...options.compaction,
    },
    // With the same repetitions as any other call.
    small: { adapter: chained({ ...options, ...small, fallback: [] }), model: small.model },
    price: priceOf(options, small),
    ledger,
    signal,
    ...(before && {
      before: (occasion) => {
        const { messages } = state
        return held(() => before({ ...occasion, sessionId, messages, signal, agentPath }), signal)
      },
    }),
    estimate: () => requestFor(now()).estimate(state.messages),
    async announce() {
      const { system, tools } = now()
      const spec = toSpec(readResultTool(state))
      if (tools.some(({ name }) => name === spec.name)) return null
      return promptEvent(system, [...tools, spec])
    },
  })
}

/** What says before each model call whether the vendor's cache still holds. */
export function cacheWatchOf(
  options: AgentOptions,
  state: RunState,
  { prompt, requestFor }: Pick<Parts, 'prompt' | 'requestFor'>,
): { readonly beforeModel: () => readonly CacheBreakEvent[] } {
  const now = (): Prompt => state.prompt ?? prompt
  return {
    beforeModel: createCacheWatch({
      state,
      models: modelsOf(options).map(({ adapter, model }) => `${adapter.id}/${model}`),
      price: priceOf(options, options),
      prompt: now,
      estimate: () => requestFor(now()).estimate(state.messages),
    }),
  }
}

function windowOf({ adapter, model }: AgentOptions): { readonly contextWindow?: number } {
  const contextWindow = adapter.capabilities?.(model).contextWindow
  return contextWindow === undefined ? {} : { contextWindow }
}
