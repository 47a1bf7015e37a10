import { HarnextError, ProviderError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { AssistantPart, ModelStopReason, ToolCallPart } from '../messages.ts'
import type {
  CallContext,
  ModelDelta,
  ModelEvent,
  ModelRequest,
  ProviderAdapter,
} from '../model/adapter.ts'
import { zeroUsage, type Usage } from '../usage.ts'

/** One answer of the model: a text, parts, an error that is thrown, or all of it spelled out. */
export type ScriptedAnswer =
  | string
  | Error
  | readonly AssistantPart[]
  | {
      readonly content: readonly AssistantPart[]
      readonly stopReason?: ModelStopReason
      readonly usage?: Partial<Usage> | null
      /** Thrown after the deltas of `content`. */
      readonly error?: Error
    }

/** An answer, or a function that makes it from what the model was sent. */
export type ScriptedStep =
  | ScriptedAnswer
  | ((request: ModelRequest, context: CallContext) => ScriptedAnswer | Promise<ScriptedAnswer>)

export interface ScriptedAdapter extends ProviderAdapter {
  /** What the model was sent, in order; `messages` as they were at that time. */
  readonly requests: readonly ModelRequest[]
  /** Throws when a step of the script was not asked for: a test that ends early has not tested what it says. */
  assertDone(): void
  /** `assertDone` at the end of a block: `using model = scripted([…])`. */
  [Symbol.dispose](): void
}

export interface ScriptedOptions {
  readonly id?: string
  /** Characters a text delta has at most. @default 16 */
  readonly deltaLength?: number
  /** Of each answer that does not say otherwise. @default 10 tokens in, 5 out */
  readonly usage?: Usage
}

/** A provider that answers from a script. Asking for more than the script has is a `ProviderError`. */
export function scripted(
  steps: readonly ScriptedStep[],
  options: ScriptedOptions = {},
): ScriptedAdapter {
  const { id = 'scripted', deltaLength = 16 } = options
  const usage = options.usage ?? { ...zeroUsage, inputTokens: 10, outputTokens: 5, costUsd: null }
  const requests: ModelRequest[] = []
  function assertDone(): void {
    if (requests.length < steps.length)
      throw new HarnextError(
        `The script has ${steps.length} steps; only ${requests.length} were asked for.`,
        { code: 'script' },
      )
  }
  return {
    id,
    api: `${id}.script`,
    requests,
    async *stream(request, context) {
      const step = steps[requests.length]
      requests.push({ ...request, messages: [...request.messages] })
      if (step === undefined)
        throw new ProviderError(
          `The script has ${steps.length} steps and was asked for another one.`,
          { kind: 'protocol' },
        )
      const answer = typeof step === 'function' ? await step(request, context) : step
      yield* play(answer, usage, deltaLength, context.signal)
    },
    assertDone,
    [Symbol.dispose]: assertDone,
  }
}

async function* play(
  answer: ScriptedAnswer,
  usage: Usage,
  deltaLength: number,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, undefined> {
  if (answer instanceof Error) throw answer
  const text: readonly AssistantPart[] =
    typeof answer === 'string' ? [{ type: 'text', text: answer }] : []
  const long =
    typeof answer === 'string'
      ? { content: text }
      : 'content' in answer
        ? answer
        : { content: answer }
  for (const [index, part] of long.content.entries()) {
    for (const delta of deltasOf(part, index, deltaLength)) {
      if (signal.aborted)
        throw new ProviderError('The model call was cancelled.', { kind: 'cancelled' })
      yield delta
    }
    yield { type: 'part', part: Object.freeze(part) }
  }
  if (long.error) throw long.error
  const calls = long.content.some(({ type }) => type === 'tool_call')
  const stopReason = long.stopReason ?? (calls ? 'tool_calls' : 'stop')
  yield {
    type: 'finish',
    stopReason,
    usage: long.usage === null ? null : { ...usage, ...long.usage },
  }
}

function* deltasOf(
  part: AssistantPart,
  index: number,
  length: number,
): Generator<ModelDelta, void, undefined> {
  if (part.type === 'text' || part.type === 'thinking') {
    for (let from = 0; from < part.text.length; from += length)
      yield { type: part.type, text: part.text.slice(from, from + length), index }
  } else if (part.type === 'tool_call') {
    yield { type: 'tool_input', id: part.id, tool: part.tool, delta: JSON.stringify(part.args) }
  }
}

/** A call, as a part of a scripted answer. */
export function call(id: string, tool: string, args: Json = {}): ToolCallPart {
  return { type: 'tool_call', id, tool, args }
}
