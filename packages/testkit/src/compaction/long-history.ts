import {
  userMessage,
  type AssistantPart,
  type Json,
  type Message,
  type ToolPart,
  type UserPart,
} from '@harnext/core'
import type { Random } from '../crash/random.ts'

/** A conversation that is longer than its model's window, and what of it must never be lost. */
export interface LongHistory {
  readonly messages: readonly Message[]
  /** Tokens. */
  readonly window: number
  /** Parts of what the person said, word for word: the task, and the constraints. */
  readonly said: readonly string[]
  /** Of the last list. */
  readonly openTodos: readonly string[]
}

const WINDOWS = [4000, 6000, 10_000, 20_000, 40_000] as const
const CHARACTERS_PER_TOKEN = 3

export function randomHistory(random: Random): LongHistory {
  const window = random.pick(WINDOWS)
  const length = window * CHARACTERS_PER_TOKEN * (0.3 + random.next() * 5)
  const writer = new HistoryWriter(random, window)
  writer.say(`The task: mend the build of ${writer.name()}.`, true)
  while (writer.length < length) writer.write()
  return writer
}

class HistoryWriter implements LongHistory {
  readonly window: number
  readonly messages: Message[] = []
  readonly said: string[] = []
  openTodos: string[] = []
  length = 0
  readonly #random: Random
  readonly #isChatty: boolean
  #names = 0

  constructor(random: Random, window: number) {
    this.#random = random
    this.window = window
    this.#isChatty = random.oneIn(10)
  }

  /** One that stands nowhere else. */
  name(): string {
    this.#names += 1
    return `${this.#random.pick(['core', 'naïve', '東京', 'x'])}-${this.#random.below(1e9)}-${this.#names}`
  }

  say(text: string, isKept: boolean): void {
    if (isKept) this.said.push(text)
    this.#add(userMessage(text))
  }

  write(): void {
    const random = this.#random
    if (this.#isChatty) this.#chat()
    else if (random.oneIn(25)) this.#constrain()
    else if (random.oneIn(60)) this.#paste()
    else if (random.oneIn(12)) this.#list()
    else if (random.oneIn(30)) this.#add(userMessage(this.#text(80), 'reminder'))
    else if (random.oneIn(8)) this.#answer([{ type: 'text', text: this.#text(2000) }])
    else this.#work()
  }

  /** So much of what the person says is kept; of more, the first and the latest. */
  #constrain(): void {
    if (this.said.length > this.window / 700) return
    this.say(`Never touch ${this.name()}!`, true)
    if (this.#random.oneIn(2)) this.#answer([{ type: 'text', text: this.#text(100) }])
  }

  #chat(): void {
    this.say(`${this.#text(120)}${this.name()}`, false)
    this.#answer([{ type: 'text', text: this.#text(60) }])
  }

  /** A constraint at the beginning of something long, with a picture. */
  #paste(): void {
    if (this.said.length > this.window / 700) return
    const text = `Keep ${this.name()} as it is. This is the log:`
    this.said.push(text)
    const parts: UserPart[] = [
      { type: 'text', text: `${text}\n${this.#text(this.window * 4)}` },
      { type: 'image', mediaType: 'image/png', data: 'aGFybmV4dA==' },
    ]
    this.#add({ role: 'user', content: parts })
  }

  #list(): void {
    const items = Array.from({ length: 1 + this.#random.below(4) }, () => ({
      text: `Do ${this.name()}`,
      status: this.#random.pick(['pending', 'active', 'done']),
    }))
    this.openTodos = items.flatMap(({ text, status }) => (status === 'done' ? [] : [text]))
    this.#turn([{ tool: 'todo', args: { items }, result: [textPart('noted')] }])
  }

  #work(): void {
    const random = this.#random
    const count = random.oneIn(40) ? 200 : 1 + random.below(3)
    const most = random.oneIn(30) ? this.window * 8 : random.oneIn(3) ? 6000 : 300
    const calls = Array.from({ length: count }, () => ({
      tool: 'look',
      args: { at: random.below(100) },
      result: this.#result(count > 10 ? 60 : most),
    }))
    this.#turn(calls)
  }

  #result(most: number): readonly ToolPart[] {
    if (this.#random.oneIn(40)) return []
    const said = textPart(this.#text(most))
    return this.#random.oneIn(12)
      ? [said, { type: 'image', mediaType: 'image/png', data: 'aGFybmV4dA==' }]
      : [said]
  }

  #turn(
    calls: readonly {
      readonly tool: string
      readonly args: Json
      readonly result: readonly ToolPart[]
    }[],
  ): void {
    const named = calls.map((call) => ({ ...call, id: `call_${(this.#names += 1)}` }))
    const parts = named.map(({ id, tool, args }): AssistantPart => ({
      type: 'tool_call',
      id,
      tool,
      args,
    }))
    this.#answer(
      this.#random.oneIn(4) ? [{ type: 'thinking', text: this.#text(400) }, ...parts] : parts,
    )
    for (const { id, tool, result } of named)
      this.#add({ role: 'tool', id, tool, status: 'ok', content: result })
  }

  #answer(content: readonly AssistantPart[]): void {
    const stopReason = content.at(-1)?.type === 'tool_call' ? 'tool_calls' : 'stop'
    const by = { provider: 'eval', api: 'eval.script', model: 'm' }
    this.#add({ role: 'assistant', content, ...by, stopReason })
  }

  #text(most: number): string {
    return randomText(this.#random, 1 + this.#random.below(most))
  }

  #add(message: Message): void {
    this.messages.push(message)
    this.length += JSON.stringify(message).length
  }
}

function textPart(text: string): ToolPart {
  return { type: 'text', text }
}

/** Lines of words, some of more bytes than characters; now and then one long line. */
export function randomText(random: Random, length: number): string {
  const word = random.pick([
    'word ',
    'a line of a log\n',
    '日本語の文章。',
    '🙂 ',
    'naïve café ',
    '{"a":1}',
  ])
  return word
    .repeat(Math.ceil(length / word.length))
    .slice(0, length)
    .toWellFormed()
}
