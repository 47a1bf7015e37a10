import { ConfigError, messageOf, type ErrorRecord } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Capabilities, ModelEvent, ModelRequest } from '../model/adapter.ts'
import { createRedactor, redactJson } from '../session/redact.ts'

// A cassette is a text file with one JSON object a line: a header, then each model call with the answer that it got.

export interface CassetteOptions {
  /** Values that are redacted beside what looks like a secret. */
  readonly secrets?: readonly string[]
  /**
   * What is another one at each run, by a name for it: `{ cwd: folder }` writes `<cwd>` for the folder, and a replay puts its own folder
   * in that place.
   */
  readonly values?: { readonly [name: string]: string }
}

export interface CassetteHeader {
  readonly type: 'cassette'
  readonly version: 1
  readonly provider: string
  readonly api: string
}

/** One model call. The messages begin with all those of an earlier call where `after` says which, so that a long run takes little room. */
export interface CassetteCall {
  readonly request: JsonObject
  /** The index of that call. */
  readonly after?: number
  readonly messages: readonly Json[]
  readonly capabilities?: Partial<Capabilities>
  readonly events: readonly Json[]
  readonly error?: ErrorRecord
}

/** What a cassette holds of a request: without what differs from run to run. */
export interface WrittenRequest {
  readonly request: JsonObject
  readonly messages: readonly Json[]
}

export interface Rewriter {
  /** For the cassette. */
  write<Value extends Json>(value: Value): Value
  /** From the cassette. */
  read<Value extends Json>(value: Value): Value
  request(request: ModelRequest): WrittenRequest
}

/** The longest values are looked for first: one may begin with another. */
export function rewriter({ secrets, values = {} }: CassetteOptions): Rewriter {
  const redact = createRedactor(secrets)
  const named = Object.entries(values)
    .filter(([, value]) => value !== '')
    .toSorted(([, a], [, b]) => b.length - a.length)
  const write = <Value extends Json>(value: Value): Value =>
    redactJson(value, (text) =>
      named.reduce((safe, [name, own]) => safe.replaceAll(own, `<${name}>`), redact(text)),
    )
  return {
    write,
    read: (value) =>
      redactJson(value, (text) =>
        named.reduce((own, [name, given]) => own.replaceAll(`<${name}>`, given), text),
      ),
    request({ messages, cacheKey: _cacheKey, system, ...rest }) {
      const request = {
        ...rest,
        // The prompt tells the day.
        ...(system !== undefined && {
          system: system.replaceAll(/\b20\d\d-\d\d-\d\d\b/g, '<date>'),
        }),
      }
      return {
        request: write(toJson(request)),
        messages: messages.map((one) => write(toJson(one))),
      }
    },
  }
}

/** As it comes back from the file. */
export function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

/** Pieces of one text next to each other become one: where the network cut them says nothing, and a secret may lie across a cut. */
export function joined(events: readonly ModelEvent[]): readonly ModelEvent[] {
  const kept: ModelEvent[] = []
  for (const event of events) {
    const last = kept.at(-1)
    const one = last && joinedPair(last, event)
    if (one) kept[kept.length - 1] = one
    else kept.push(event)
  }
  return kept
}

function joinedPair(last: ModelEvent, event: ModelEvent): ModelEvent | null {
  if (event.type === 'tool_input')
    return last.type === 'tool_input' && last.id === event.id
      ? { ...last, delta: last.delta + event.delta }
      : null
  if (event.type !== 'text' && event.type !== 'thinking') return null
  return last.type === event.type && last.index === event.index
    ? { ...last, text: last.text + event.text }
    : null
}

/** Throws `ConfigError` with the number of the line that is no part of a cassette. */
export function parseCassette(
  text: string,
  file: string,
): { readonly header: CassetteHeader; readonly calls: readonly CassetteCall[] } {
  const lines = text.split('\n').filter((line) => line !== '')
  const [header, ...calls] = lines.map((line, index) => parseLine(line, index, file))
  if (header?.['type'] !== 'cassette' || header['version'] !== 1)
    throw new ConfigError(`${file} is no cassette of version 1: its first line does not say so.`)
  return {
    header: header as unknown as CassetteHeader,
    calls: calls as unknown as readonly CassetteCall[],
  }
}

function parseLine(line: string, index: number, file: string): JsonObject {
  const fail = (why: string, cause?: unknown): never => {
    throw new ConfigError(`${file}, line ${index + 1}, is no part of a cassette: ${why}`, { cause })
  }
  let value: Json
  try {
    value = JSON.parse(line) as Json
  } catch (error) {
    return fail(messageOf(error), error)
  }
  if (!isJsonObject(value)) return fail('expected a JSON object.')
  const isCall = isJsonObject(value['request']) && Array.isArray(value['events'])
  return index === 0 || isCall ? value : fail('expected request and events.')
}
