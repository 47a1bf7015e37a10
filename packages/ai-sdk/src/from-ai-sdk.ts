import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import {
  ConfigError,
  ProviderError,
  type CallContext,
  type Capabilities,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { callSignal } from './call-signal.ts'
import { StreamFold } from './from-stream.ts'
import { mapError } from './map-error.ts'
import { toCallOptions } from './to-call-options.ts'

export interface AiSdkOptions {
  /** What prices are looked up by, and what messages say the provider was. @default the first word of the model's `provider` */
  readonly id?: string
  /** What the model takes: the AI SDK does not say. Without `maxOutputTokens`, up to 32,000 are asked for. */
  readonly capabilities?: Partial<Capabilities>
}

/**
 * Any model of the AI SDK (`LanguageModelV4`) as an adapter. It serves this model alone: give the agent its id, `model.modelId`. In
 * `params`, the AI SDK's own names are understood: `temperature`, `topP`, `providerOptions`, `headers` and the like, and `tools` for
 * those that the provider runs. Throws `ConfigError` for a model of another version of the specification.
 *
 * @example
 * const model = mistral('mistral-large-latest')
 * const agent = new Agent({ name: 'helper', adapter: fromAiSdk(model), model: model.modelId })
 */
export function fromAiSdk(model: LanguageModelV4, options: AiSdkOptions = {}): ProviderAdapter {
  checkModel(model)
  const { capabilities } = options
  const api = `ai-sdk:${model.provider}`
  return {
    id: options.id ?? (model.provider.split('.')[0] || model.provider),
    api,
    stream: (request, context) => streamModel(model, api, request, context),
    ...(capabilities && { capabilities: () => capabilities }),
  }
}

/** Also for whoever writes no types: a string is a model of the AI SDK's gateway, and older models have other methods. */
function checkModel(model: Partial<LanguageModelV4> | string | undefined): void {
  if (typeof model === 'object' && model.specificationVersion === 'v4') return
  const got =
    typeof model === 'object'
      ? `specification ${String(model.specificationVersion)}`
      : JSON.stringify(model)
  throw new ConfigError(
    `fromAiSdk expects a model of the AI SDK with the specification v4, as @ai-sdk packages of version 4 make them; got ${got}.`,
  )
}

async function* streamModel(
  model: LanguageModelV4,
  api: string,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const call = callSignal(context.signal)
  const fold = new StreamFold(api, model.modelId)
  let reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined
  try {
    context.signal.throwIfAborted()
    const { options, warnings } = await toCallOptions(model, api, request, context)
    const { stream } = await call.race(model.doStream({ ...options, abortSignal: call.signal }))
    reader = stream.getReader()
    // Warnings wait for the answer: a call can be repeated only while it has shown nothing.
    let events: ModelEvent[] = [...warnings]
    while (!fold.isFinished) {
      const { done, value } = await call.race(reader.read())
      if (done) throw truncated(model, fold)
      fold.take(value, events)
      if (!fold.hasBegun || !events.length) continue
      yield events
      events = []
    }
    await drain(reader)
  } catch (error) {
    const { signal } = context
    const { provider } = model
    throw mapError(error, { provider, signal, partial: fold.text, now: Date.now() })
  } finally {
    // A reader that left, or an answer that made no sense: nobody reads the rest.
    call.close()
    reader?.cancel().catch(() => {})
  }
}

function truncated({ provider }: LanguageModelV4, { text }: StreamFold): ProviderError {
  return new ProviderError(`The stream of ${provider} ended before the model had finished.`, {
    kind: 'stream_truncated',
    retryable: true,
    partial: text,
  })
}

const DRAIN_MS = 250

/** Reads to the end, so that the connection can be used again; not for long, if a server leaves it open. */
async function drain(reader: ReadableStreamDefaultReader): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<{ readonly done: true }>()
  const timer = setTimeout(() => resolve({ done: true }), DRAIN_MS)
  try {
    while (!(await Promise.race([reader.read(), promise])).done);
  } catch {
    // The answer is complete: what happens to its connection changes nothing.
  } finally {
    clearTimeout(timer)
  }
}
