import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { asHarnextError, type HarnextError } from '../errors.ts'
import type { Json } from '../json.ts'
import {
  isBatch,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from '../model/adapter.ts'
import { wrapStream } from '../model/guard.ts'
import { sameJson } from '../tool/json-compare.ts'
import {
  joined,
  rewriter,
  toJson,
  type CassetteCall,
  type CassetteHeader,
  type CassetteOptions,
  type Rewriter,
} from './cassette.ts'

export interface RecordOptions extends CassetteOptions {
  /** Written anew at the first call, with access for its owner alone. */
  readonly file: string
}

/**
 * The same adapter, which writes every call with its answer to a cassette, without secrets: `replay` answers from it. A call is on record
 * when it is over; one that its reader left is not.
 *
 * @example
 * const agent = new Agent({ name: 'test', adapter: record(anthropic({ apiKey }), { file: 'add.jsonl' }), model })
 */
export function record(adapter: ProviderAdapter, options: RecordOptions): ProviderAdapter {
  const tape = new Tape(adapter, options.file, rewriter(options))
  return wrapStream(adapter, async function* (request, context) {
    const events: ModelEvent[] = []
    try {
      for await (const chunk of adapter.stream(request, context)) {
        events.push(...(isBatch(chunk) ? chunk : [chunk]))
        yield chunk
      }
    } catch (error) {
      tape.add(request, events, asHarnextError(error))
      throw error
    }
    tape.add(request, events)
  })
}

class Tape {
  readonly #adapter: ProviderAdapter
  readonly #file: string
  readonly #rewriter: Rewriter
  readonly #histories: (readonly Json[])[] = []
  readonly #models = new Set<string>()

  constructor(adapter: ProviderAdapter, file: string, rewrite: Rewriter) {
    this.#adapter = adapter
    this.#file = file
    this.#rewriter = rewrite
  }

  add(request: ModelRequest, events: readonly ModelEvent[], error?: HarnextError): void {
    const written = this.#rewriter.request(request)
    const { messages } = written
    const after = this.#histories.findLastIndex((known) => isPrefix(known, messages))
    const capabilities = this.#models.has(request.model)
      ? undefined
      : this.#adapter.capabilities?.(request.model)
    const call: CassetteCall = {
      request: written.request,
      ...(after >= 0 && { after }),
      messages: messages.slice(after >= 0 ? this.#histories[after]?.length : 0),
      ...(capabilities && { capabilities }),
      events: joined(events).map((event) => this.#rewriter.write(toJson(event))),
      ...(error && { error: this.#rewriter.write(toJson(error)) as unknown as typeof call.error }),
    }
    if (this.#histories.length === 0) this.#begin()
    appendFileSync(this.#file, `${JSON.stringify(call)}\n`)
    this.#histories.push(messages)
    this.#models.add(request.model)
  }

  #begin(): void {
    const { id: provider, api } = this.#adapter
    const header: CassetteHeader = { type: 'cassette', version: 1, provider, api }
    mkdirSync(path.dirname(path.resolve(this.#file)), { recursive: true })
    writeFileSync(this.#file, `${JSON.stringify(header)}\n`, { mode: 0o600 })
  }
}

function isPrefix(known: readonly Json[], messages: readonly Json[]): boolean {
  return (
    known.length > 0 &&
    known.length <= messages.length &&
    known.every((message, index) => sameJson(message, messages[index] ?? null))
  )
}
