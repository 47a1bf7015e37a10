import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  toolCalls,
  zeroUsage,
  type AssistantMessage,
  type AssistantPart,
  type Message,
  type RunEvent,
  type ToolMessage,
  type Usage,
} from '@harnext/core'
import type { ToolAnnotations } from './tool-spec.ts'

/**
 * One turn of a run, as its line of the file holds it: messages as the model was sent them, no events. `messages` are those that joined
 * since the line before, so that a long run does not write its whole history again with each turn. A run that failed ends with a line
 * that has `status`.
 */
export interface RunLogLine {
  readonly turn: number
  /** ISO 8601. */
  readonly timestamp: string
  readonly system_hash: string
  readonly messages: readonly Message[]
  readonly response_content?: readonly AssistantPart[]
  readonly stop_reason?: string
  readonly tool_results?: readonly ToolMessage[]
  readonly tool_error_count?: number
  readonly metrics?: {
    readonly input_tokens: number
    readonly output_tokens: number
    readonly cache_read_tokens: number
    readonly cache_write_tokens: number
    readonly latency_ms: number
  }
  readonly visible_tools?: readonly string[]
  readonly tool_annotations?: { readonly [tool: string]: ToolAnnotations }
  /** In the first line, and when it changed. */
  readonly system?: string
  readonly status?: 'error'
  readonly error?: string
}

/** Makes the folder and a file of this second that nobody has. */
export async function createRunFile(folder: string, now: Date): Promise<string> {
  await mkdir(folder, { recursive: true })
  const second = now.toISOString().replaceAll(/[-:]|\..*/g, '')
  for (let count = 1; ; count++) {
    const path = join(folder, `${second}${count === 1 ? '' : `-${count}`}.jsonl`)
    try {
      await writeFile(path, '', { flag: 'wx' })
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

export interface RunLogOptions {
  readonly path: string
  readonly annotations: { readonly [tool: string]: ToolAnnotations }
  /** Milliseconds, for latencies. */
  readonly clock: () => number
  readonly now: () => Date
}

/** Writes the file of one run after the other. */
export class RunLog {
  readonly #options: RunLogOptions
  #systemHash = ''
  #system: string | undefined
  #tools: readonly string[] = []
  #messages: Message[] = []
  #results: ToolMessage[] = []
  #answer: AssistantMessage | undefined
  #usage: Usage = zeroUsage
  #turn = 0
  #begun = 0
  #latency = 0

  constructor(options: RunLogOptions) {
    this.#options = options
  }

  /** Resolves when the line that an event completes is written. `stopReason`: of the turn, in the words of the Messages API. */
  async take(event: RunEvent, stopReason: string | null): Promise<void> {
    if (event.agentPath?.length) return
    const { type } = event
    if (type === 'run_start') this.#systemHash = event.systemHash
    else if (type === 'prompt') {
      this.#system = event.system
      this.#tools = event.tools.map(({ name }) => name)
    } else if (type === 'turn_start') {
      this.#turn = event.turn
      this.#begun = this.#options.clock()
    } else if (type === 'usage') this.#usage = event
    else if (type === 'message') this.#join(event.message)
    else if (type === 'tool_result') {
      const { id, tool, status, content } = event
      this.#results.push({ role: 'tool', id, tool, status, content })
    } else if (type === 'turn_end' && this.#answer)
      await this.#writeTurn(this.#answer, stopReason ?? event.stopReason)
    else if (type === 'error') await this.#write({ status: 'error', error: event.error.message })
  }

  #join(message: Exclude<Message, ToolMessage>): void {
    if (message.role === 'user') return void this.#messages.push(message)
    this.#answer = message
    this.#latency = this.#options.clock() - this.#begun
  }

  async #writeTurn(answer: AssistantMessage, stopReason: string): Promise<void> {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = this.#usage
    const results = inCallOrder(this.#results.splice(0), answer)
    const { annotations } = this.#options
    await this.#write({
      response_content: answer.content,
      stop_reason: stopReason,
      tool_results: results,
      tool_error_count: results.filter(({ status }) => status !== 'ok').length,
      metrics: {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        cache_read_tokens: cacheReadTokens,
        cache_write_tokens: cacheWriteTokens,
        latency_ms: this.#latency,
      },
      visible_tools: this.#tools,
      ...(Object.keys(annotations).length && { tool_annotations: annotations }),
    })
    // What the model is sent next begins with what it said and what came of it.
    this.#messages.push(answer, ...results)
    this.#answer = undefined
    this.#usage = zeroUsage
  }

  async #write(facts: Partial<RunLogLine>): Promise<void> {
    const system = this.#system
    this.#system = undefined
    const line: RunLogLine = {
      turn: this.#turn,
      timestamp: this.#options.now().toISOString(),
      system_hash: this.#systemHash,
      messages: this.#messages.splice(0),
      ...facts,
      ...(system !== undefined && { system }),
    }
    await appendFile(this.#options.path, `${JSON.stringify(line)}\n`)
  }
}

function inCallOrder(results: readonly ToolMessage[], answer: AssistantMessage): ToolMessage[] {
  return toolCalls(answer).flatMap(({ id }) => results.find((result) => result.id === id) ?? [])
}
