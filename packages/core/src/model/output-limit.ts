import { isProviderError } from '../errors.ts'
import type { CallContext, ModelEvent, ModelRequest, ProviderAdapter } from './adapter.ts'
import { wrapStream } from './guard.ts'

type Chunk = ModelEvent | readonly ModelEvent[]

/**
 * Asks again, once, with the number that the vendor names when it says that more output was asked for than the model gives; later calls
 * begin with it. So a model that no catalog knows works with the default, too.
 */
export function withOutputLimit(adapter: ProviderAdapter): ProviderAdapter {
  let most = Infinity
  const capped = (request: ModelRequest): ModelRequest =>
    (request.maxOutputTokens ?? 0) > most ? { ...request, maxOutputTokens: most } : request
  return wrapStream(adapter, (request, context) => {
    let source = open(adapter, capped(request), context)
    let isFirst = true
    async function first(): Promise<IteratorResult<Chunk>> {
      isFirst = false
      try {
        return await source.next()
      } catch (error) {
        const limit = limitOf(error)
        const asked = Math.min(most, request.maxOutputTokens ?? 0)
        if (limit === null || limit >= asked || context.signal.aborted) throw error
        most = limit
        source = open(adapter, capped(request), context)
        const message = `The model gives at most ${limit} output tokens and was asked for ${asked}: maxOutputTokens is ${limit} from here on.`
        return { done: false, value: { type: 'warning', code: 'output_limit', message } }
      }
    }
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => (isFirst ? first() : source.next()),
        return: async (value?: unknown) =>
          (await source.return?.(value)) ?? { done: true, value: undefined },
      }),
    }
  })
}

function open(
  adapter: ProviderAdapter,
  request: ModelRequest,
  context: CallContext,
): AsyncIterator<Chunk> {
  return adapter.stream(request, context)[Symbol.asyncIterator]()
}

function limitOf(error: unknown): number | null {
  return isProviderError(error) && error.kind === 'output_limit'
    ? outputLimitIn(error.message)
    : null
}

/** Less is no answer: the input is what is too long. */
const LEAST_OUTPUT_TOKENS = 1024

/** The most output tokens that a vendor's error says may be asked for; `null` when that is not what it is about. */
export function outputLimitIn(text: string): number | null {
  for (const pattern of limits) {
    const found = pattern.exec(text)
    if (!found) continue
    const [, limit, less = '0'] = found
    const rest = Number(limit) - Number(less) - (text.includes('(exclusive)') ? 1 : 0)
    return rest >= Math.min(LEAST_OUTPUT_TOKENS, Number(limit)) ? rest : null
  }
  return null
}

// The limit, and what of it the input takes; in the words of Anthropic, OpenAI (Chat, Responses), Google, Groq, DeepSeek, vLLM, older OpenAI.
const limits: readonly RegExp[] = [
  /max_tokens: \d+ > (\d+)/,
  /max_(?:completion_)?tokens is too large: \d+\. This model supports at most (\d+)/,
  /max_output_tokens.{0,60}Expected a value <= (\d+)/,
  /maxOutputTokens value of \d+ but the supported range is from 1 \(inclusive\) to (\d+) \(exclusive\)/,
  /max_(?:completion_)?tokens`? must be less than or equal to `?(\d+)/,
  /valid range of max_(?:completion_)?tokens is \[\d+, ?(\d+)\]/,
  /maximum context length is (\d+) tokens and your request has (\d+) input tokens/,
  /maximum context length is (\d+) tokens\. However, you requested \d+ tokens \((\d+) in the messages, \d+ in the completion\)/,
]
