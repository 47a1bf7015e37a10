import {
  Agent as CoreAgent,
  HarnextError,
  textOf,
  userMessage,
  type Awaitable,
  type Message,
} from '@harnext/core'
import { toAdapterModel, type Model } from './model.ts'

export interface CompactionContext {
  readonly messages: readonly Message[]
  /** For the summary, where the strategy has none of its own. */
  readonly model: Model
  /** Tokens that the history had in the last request. */
  readonly tokensBefore: number
  /** Tokens that it should have at most; 0 where it just should have fewer. */
  readonly target: number
  /** What to ask the model for. */
  readonly prompt?: string
  readonly signal?: AbortSignal
}

export interface CompactionResult {
  readonly messages: readonly Message[]
  readonly summary?: string
  readonly messagesRemoved: number
  readonly tokensPruned: number
}

export interface CompactionStrategy {
  compact(context: CompactionContext): Awaitable<CompactionResult>
}

export interface DefaultCompactionOptions {
  /** Of the last messages, which are not pruned. @default 40,000 */
  readonly protectedTokens?: number
  /** Pruning that saves less is not done. @default 20,000 */
  readonly minPruneSavings?: number
  readonly summaryModel?: Model
  readonly summaryPrompt?: string
  /** @default a quarter of the characters of its JSON */
  readonly estimateTokens?: (message: Message) => number
}

const PRUNED = '[pruned]'
const SUMMARY = '[Previous conversation summary]'
const PROMPT =
  'Summarise the conversation for somebody who goes on with it: what was asked for, what was done and found, with names and paths, what was decided, and what is left. Answer with the summary alone.'

/** First takes the results of old calls out; when that is not enough, puts a summary in the place of all messages. */
export class DefaultCompactionStrategy implements CompactionStrategy {
  readonly #options: DefaultCompactionOptions

  constructor(options: DefaultCompactionOptions = {}) {
    this.#options = options
  }

  /** Throws what the model failed with. */
  async compact(context: CompactionContext): Promise<CompactionResult> {
    const { messages, tokensPruned } = this.#prune(context.messages)
    if (tokensPruned && context.tokensBefore - tokensPruned <= context.target)
      return { messages, tokensPruned, messagesRemoved: 0 }
    const summary = await this.#summarise(context)
    return {
      messages: [userMessage(`${SUMMARY}\n${summary}`, 'summary')],
      summary,
      messagesRemoved: context.messages.length,
      tokensPruned: 0,
    }
  }

  #prune(messages: readonly Message[]): Pick<CompactionResult, 'messages' | 'tokensPruned'> {
    const { protectedTokens = 40_000, minPruneSavings = 20_000 } = this.#options
    const estimate = this.#options.estimateTokens ?? estimateTokens
    const pruned = [...messages]
    let seen = 0
    let saved = 0
    for (const [index, message] of [...messages.entries()].toReversed()) {
      seen += estimate(message)
      if (seen <= protectedTokens || message.role !== 'tool') continue
      const short: Message = { ...message, content: [{ type: 'text', text: PRUNED }] }
      saved += Math.max(0, estimate(message) - estimate(short))
      pruned[index] = short
    }
    return saved >= minPruneSavings
      ? { messages: pruned, tokensPruned: saved }
      : { messages, tokensPruned: 0 }
  }

  async #summarise({ messages, model, prompt, signal }: CompactionContext): Promise<string> {
    const agent = new CoreAgent({
      name: 'compaction',
      ...toAdapterModel(this.#options.summaryModel ?? model),
      systemPrompt: prompt ?? this.#options.summaryPrompt ?? PROMPT,
      instructions: false,
    })
    // As one text: a request that holds calls would need their tools.
    const conversation = messages.map(toLines).join('\n\n')
    const result = await agent.run([], conversation, { ...(signal && { signal }) }).result
    if (result.success) return result.text
    throw (
      result.error ??
      new HarnextError(`The summary ended with ${result.stopReason}.`, { code: 'compaction' })
    )
  }
}

export function estimateTokens(message: Message): number {
  return Math.ceil(JSON.stringify(message).length / 4)
}

function toLines(message: Message): string {
  if (message.role === 'user') return `User: ${textOf(message.content)}`
  if (message.role === 'tool') return `Result of ${message.tool}: ${textOf(message.content)}`
  const calls = message.content.flatMap((part) =>
    part.type === 'tool_call' ? [`Calls ${part.tool} with ${JSON.stringify(part.args)}`] : [],
  )
  return [`Assistant: ${textOf(message.content)}`, ...calls].join('\n')
}
