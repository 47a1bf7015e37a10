import {
  Agent,
  ProviderError,
  loadSession,
  memoryStore,
  tool,
  type AgentOptions,
  type CallContext,
  type Message,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
  type RunEvent,
} from '@harnext/core'
import { Random } from '../crash/random.ts'
import { problemsOf } from './judge-request.ts'
import { randomHistory, randomText, type LongHistory } from './long-history.ts'

export interface CompactionEvalOptions {
  /** Histories. @default 100 */
  readonly count?: number
  /** @default 1 */
  readonly seed?: number
  /** Of the agent, beside model and window. */
  readonly agent?: Partial<AgentOptions>
}

export interface CompactionEvalResult {
  readonly histories: number
  readonly requests: number
  readonly compactions: number
  /** Calls of the summariser. */
  readonly summaries: number
  /** How often the vendor said that a request is too long. */
  readonly refusals: number
  /** Each with the index of its history: `randomHistory` of `seed + index` makes it again. */
  readonly problems: readonly { readonly index: number; readonly problem: string }[]
}

/**
 * Goes on with long random histories, with a summariser that loses a random half of what it is given. What must hold of every request: it
 * fits the window; no call is parted from its result; the task, the constraints and the open todos stand in it word for word. And no run
 * compacts without end.
 */
export async function evaluateCompaction({
  count = 100,
  seed = 1,
  agent = {},
}: CompactionEvalOptions = {}): Promise<CompactionEvalResult> {
  const sums = { requests: 0, compactions: 0, summaries: 0, refusals: 0 }
  const problems: { readonly index: number; readonly problem: string }[] = []
  for (let index = 0; index < count; index++) {
    const random = new Random(seed + index)
    const play = new Play(random, randomHistory(random))
    await play.toEnd(agent)
    for (const name of ['requests', 'compactions', 'summaries', 'refusals'] as const)
      sums[name] += play[name]
    for (const problem of new Set(play.problems)) problems.push({ index, problem })
  }
  return { histories: count, ...sums, problems }
}

const RUNS = 3

/** One history, and the runs that go on with it. */
class Play {
  requests = 0
  compactions = 0
  summaries = 0
  refusals = 0
  readonly problems: string[] = []
  readonly #random: Random
  readonly #history: LongHistory
  /** Bytes of one token, as the vendor counts: core guesses three. */
  readonly #bytesPerToken: number
  readonly #tellsUsage: boolean
  #callsLeft = 0
  #asked = 0

  constructor(random: Random, history: LongHistory) {
    this.#random = random
    this.#history = history
    this.#bytesPerToken = 1.3 + random.next() * 2.8
    this.#tellsUsage = random.oneIn(2)
  }

  async toEnd(options: Partial<AgentOptions>): Promise<void> {
    const { messages, window } = this.#history
    const store = memoryStore()
    const agent = new Agent({
      name: 'eval',
      model: 'm',
      adapter: adapterOf((request, context) => this.#answer(request, context)),
      smallModel: { adapter: adapterOf((request) => this.#summarise(request)), model: 'small' },
      // Now and then nobody knows the window, and the vendor's refusal is the first that is heard of it.
      compaction: this.#random.oneIn(5) ? {} : { contextWindow: window },
      tools: [this.#look()],
      systemPrompt: 'Work.',
      maxRetries: 0,
      store,
      ...options,
    })
    let session: string | undefined
    for (let run = 0; run < RUNS && !this.problems.length; run++) {
      this.#callsLeft = this.#random.below(8)
      this.#asked = 0
      const input = `Go on, part ${run}.`
      const begun =
        session === undefined ? agent.run(messages, input) : agent.run([], input, { session })
      for await (const event of begun) this.#see(event)
      const { stopReason, error, sessionId } = await begun.result
      if (stopReason !== 'complete')
        this.problems.push(`the run ended with ${stopReason}: ${error?.message}`)
      session = sessionId
    }
    // What is on record is what was sent.
    const { state } = await loadSession(store, session ?? '')
    this.problems.push(...problemsOf(state.messages, this.#history))
  }

  #look(): AgentOptions['tools'] extends readonly (infer T)[] | undefined ? T : never {
    return tool({
      name: 'look',
      description: 'Looks.',
      parameters: { type: 'object' },
      effects: () => [],
      execute: () =>
        randomText(
          this.#random,
          this.#random.below(this.#random.oneIn(6) ? this.#history.window * 5 : 2000),
        ),
    })
  }

  #see(event: RunEvent): void {
    if (event.type !== 'compaction') return
    this.compactions += 1
    if (event.tokensAfter >= event.tokensBefore)
      this.problems.push(`a compaction from ${event.tokensBefore} to ${event.tokensAfter} tokens`)
    this.#asked += 1
    if (this.#asked > MOST_IN_A_ROW) this.problems.push('compactions without end')
  }

  #answer(request: ModelRequest, _context: CallContext): readonly ModelEvent[] {
    const inputTokens = Math.ceil(bytesOf(request) / this.#bytesPerToken)
    if (inputTokens > this.#history.window) {
      this.refusals += 1
      throw new ProviderError(`${inputTokens} tokens are too long.`, { kind: 'overflow' })
    }
    this.requests += 1
    this.#asked = 0
    this.problems.push(...problemsOf(request.messages, this.#history))
    this.#callsLeft -= 1
    const usage = this.#tellsUsage ? usageOf(inputTokens) : null
    if (this.#callsLeft < 0)
      return [part({ type: 'text', text: 'Done.' }), { type: 'finish', stopReason: 'stop', usage }]
    const id = `more_${this.#history.messages.length}_${this.requests}`
    return [
      part({ type: 'tool_call', id, tool: 'look', args: {} }),
      { type: 'finish', stopReason: 'tool_calls', usage },
    ]
  }

  /** Loses a random half of the words; at times it fails, says nothing, or too much. */
  #summarise({ messages }: ModelRequest): readonly ModelEvent[] {
    const random = this.#random
    this.summaries += 1
    if (bytesOf({ messages }) / this.#bytesPerToken > this.#history.window)
      throw new ProviderError('The summary is too long.', { kind: 'overflow' })
    if (random.oneIn(20)) throw new ProviderError('down', { kind: 'server' })
    const [message] = messages
    const first = message?.content[0]
    const given = first?.type === 'text' ? first.text : ''
    const half = given.split(' ').filter(() => random.oneIn(2))
    const text = random.oneIn(20) ? '' : random.oneIn(20) ? given : half.slice(0, 800).join(' ')
    return [
      part({ type: 'text', text }),
      { type: 'finish', stopReason: 'stop', usage: usageOf(100) },
    ]
  }
}

/** A vendor may refuse a few times; what comes after that is a loop. */
const MOST_IN_A_ROW = 8

function part(value: Extract<ModelEvent, { type: 'part' }>['part']): ModelEvent {
  return { type: 'part', part: Object.freeze(value) }
}

function usageOf(inputTokens: number): Extract<ModelEvent, { type: 'finish' }>['usage'] {
  const none = { outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
  return { inputTokens, ...none, costUsd: null }
}

/** As a vendor counts them: the texts, and a fixed size for a picture. */
function bytesOf({ messages, system = '', tools = [] }: Partial<ModelRequest>): number {
  return messagesBytes(messages ?? []) + Buffer.byteLength(system + JSON.stringify(tools))
}

function messagesBytes(messages: readonly Message[]): number {
  let bytes = 0
  for (const { content } of messages)
    for (const each of content)
      if (each.type === 'image') bytes += 4000
      else bytes += Buffer.byteLength(each.type === 'text' ? each.text : JSON.stringify(each))
  return bytes
}

function adapterOf(
  answer: (request: ModelRequest, context: CallContext) => readonly ModelEvent[],
): ProviderAdapter {
  return {
    id: 'eval',
    api: 'eval.script',
    async *stream(request, context) {
      yield answer(request, context)
    },
  }
}
