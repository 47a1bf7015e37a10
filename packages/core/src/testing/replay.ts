import { ConfigError, HarnextError, ProviderError, errorFromRecord, messageOf } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { Capabilities, ModelEvent, ProviderAdapter } from '../model/adapter.ts'
import { frozenPart } from '../model/parts.ts'
import { sameJson, shorten } from '../tool/json-compare.ts'
import { readSettingsFile } from '../workspace/read-settings-file.ts'
import {
  parseCassette,
  rewriter,
  type CassetteCall,
  type CassetteOptions,
  type WrittenRequest,
} from './cassette.ts'

export interface ReplayAdapter extends ProviderAdapter {
  /** The model of the first call. */
  readonly model: string
  /** Throws when a call of the cassette was not asked for: a test that ends early has not tested what it says. */
  assertDone(): void
  /** `assertDone` at the end of a block: `using model = replay(file)`. */
  [Symbol.dispose](): void
}

interface Entry extends WrittenRequest {
  readonly call: CassetteCall
  isUsed: boolean
}

/**
 * An adapter that answers from a cassette of `record`, with the same options, and reaches nobody. A request gets the first answer that was
 * recorded for the same request and not given yet, so that calls at the same time may come in any order. One that differs from all of them
 * throws, with what is different from the next one. Throws `ConfigError` for a file that is no cassette.
 */
export function replay(file: string, options: CassetteOptions = {}): ReplayAdapter {
  const { header, calls } = parseCassette(readText(file), file)
  const rewrite = rewriter(options)
  const entries = entriesOf(calls)
  const capabilities = new Map(
    calls.flatMap(({ request, capabilities: known }) =>
      known ? [[request['model'], known] as const] : [],
    ),
  )
  const model = calls[0]?.request['model']
  function assertDone(): void {
    const left = entries.filter(({ isUsed }) => !isUsed).length
    if (left)
      throw new HarnextError(
        `${file} holds ${entries.length} model calls; ${left} of them were not asked for.`,
        { code: 'script' },
      )
  }
  return {
    id: header.provider,
    api: header.api,
    model: typeof model === 'string' ? model : '',
    capabilities: (of): Partial<Capabilities> => capabilities.get(of) ?? {},
    async *stream(request, { signal }) {
      const { events, error } = take(entries, rewrite.request(request), file)
      for (const event of events) {
        if (signal.aborted)
          throw new ProviderError('The model call was cancelled.', { kind: 'cancelled' })
        yield thawed(rewrite.read(event))
      }
      if (error)
        throw errorFromRecord(rewrite.read(error as unknown as Json) as unknown as typeof error)
    },
    assertDone,
    [Symbol.dispose]: assertDone,
  }
}

/** Bytes; a text of more cannot be held. */
const MOST_BYTES = 500_000_000

function readText(file: string): string {
  try {
    return readSettingsFile(file, MOST_BYTES)
  } catch (error) {
    throw new ConfigError(`The cassette ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function entriesOf(calls: readonly CassetteCall[]): readonly Entry[] {
  const entries: Entry[] = []
  for (const call of calls) {
    const before = call.after === undefined ? [] : (entries[call.after]?.messages ?? [])
    const messages = [...before, ...call.messages]
    entries.push({ call, request: call.request, messages, isUsed: false })
  }
  return entries
}

function take(entries: readonly Entry[], asked: WrittenRequest, file: string): CassetteCall {
  const unused = entries.filter(({ isUsed }) => !isUsed)
  const entry = unused.find(
    ({ request, messages }) =>
      messages.length === asked.messages.length &&
      sameJson(request, asked.request) &&
      sameJson(messages, asked.messages),
  )
  if (entry) {
    entry.isUsed = true
    return entry.call
  }
  const [next] = unused
  const why = next
    ? `call ${entries.indexOf(next) + 1} of ${entries.length} differs:\n${differences(next, asked).join('\n')}`
    : `all ${entries.length} calls were given.`
  throw new ProviderError(`${file} has no answer to this request: ${why}`, {
    kind: 'invalid_request',
  })
}

const MOST_DIFFERENCES = 5

function differences(recorded: WrittenRequest, asked: WrittenRequest): readonly string[] {
  const all = [
    ...differing(recorded.request, asked.request, ''),
    ...differing(recorded.messages, asked.messages, 'messages'),
  ]
  const rest = all.length - MOST_DIFFERENCES
  return [...all.slice(0, MOST_DIFFERENCES), ...(rest > 0 ? [`… and ${rest} more`] : [])]
}

/** Lines as `messages[2].content[0].text: recorded "a", asked "b"`. */
function differing(recorded: Json | undefined, asked: Json | undefined, at: string): string[] {
  if (recorded === asked) return []
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const indices = Array.from({ length: Math.max(recorded.length, asked.length) }, (_, i) => i)
    return indices.flatMap((index) => differing(recorded[index], asked[index], `${at}[${index}]`))
  }
  if (isJsonObject(recorded) && isJsonObject(asked)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(asked)])
    return [...names].flatMap((name) =>
      differing(recorded[name], asked[name], at === '' ? name : `${at}.${name}`),
    )
  }
  const from = typeof recorded === 'string' && typeof asked === 'string' ? fork(recorded, asked) : 0
  return [`  ${at}: recorded ${shown(recorded, from)}, asked ${shown(asked, from)}`]
}

/** A little before the place from which two texts differ. */
function fork(a: string, b: string): number {
  let at = 0
  while (a[at] === b[at]) at++
  return Math.max(0, at - 16)
}

function shown(value: Json | undefined, from: number): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' && from > 0 ? `…${shorten(value.slice(from))}` : shorten(value)
}

function thawed(event: Json): ModelEvent {
  const given = event as unknown as ModelEvent
  return given.type === 'part' ? { type: 'part', part: frozenPart(given.part) } : given
}
