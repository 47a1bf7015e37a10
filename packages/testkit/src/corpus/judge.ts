import { isDeepStrictEqual } from 'node:util'
import { isProviderError, messageOf, type ProviderErrorKind } from '@harnext/core/provider'
import { partText, shownText, type Collected } from '../provider/collect.ts'
import type { WireAnswer } from '../wire/answer.ts'
import type { WireFormat } from '../wire/formats.ts'
import { errorKind } from '../wire/read-error.ts'

/** What has to come of a body: an answer, or an error of that kind. */
export type Expected =
  | { readonly answer: WireAnswer }
  | { readonly kind: ProviderErrorKind; readonly status?: number }

/** `isStream` says what the headers promise: what has no end was cut, and a document without one is no answer. */
export function expectedOf(
  format: WireFormat,
  { status, body, isStream }: { status: number; body: string; isStream: boolean },
): Expected {
  if (status >= 400) return { kind: errorKind(status, body), status }
  const answer = format.read(body)
  if (answer.error) return { kind: answer.error }
  if (answer.isComplete) return { answer }
  return { kind: isStream ? 'stream_truncated' : 'protocol' }
}

/** What differs, in words; `null` when nothing does. */
export function differenceFrom(expected: Expected, collected: Collected): string | null {
  if ('kind' in expected) return wrongError(expected, collected)
  if ('error' in collected) return `expected an answer, got ${said(collected.error)}`
  const { events, finishes } = collected
  const [finish] = finishes
  if (!finish || finishes.length > 1) return `expected one finish, got ${finishes.length}`
  if (events.at(-1) !== finish) return `expected finish to be last, got ${events.at(-1)?.type}`
  return wrongAnswer(expected.answer, collected, finish)
}

function wrongError(
  expected: { readonly kind: ProviderErrorKind; readonly status?: number },
  collected: Collected,
): string | null {
  const { error, events } = collected
  if (!isProviderError(error)) {
    const got = 'error' in collected ? said(error) : 'an answer'
    return `expected a ProviderError of kind ${expected.kind}, got ${got}`
  }
  if (error.kind !== expected.kind) return `expected kind ${expected.kind}, got ${said(error)}`
  if (expected.status !== undefined && error.status !== expected.status)
    return `expected status ${expected.status}, got ${error.status}`
  const partial = shownText(events, 'text')
  if (error.partial !== partial)
    return `expected partial ${short(partial)}, which was shown, got ${short(error.partial)}`
  return null
}

function wrongAnswer(
  answer: WireAnswer,
  { events, parts }: Collected,
  finish: NonNullable<Collected['finishes'][number]>,
): string | null {
  const calls = parts.filter((part) => part.type === 'tool_call')
  const { costUsd: _cost, ...tokens } = finish.usage ?? { costUsd: null }
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['text', answer.text, partText(parts, 'text')],
    ['text shown', answer.text, shownText(events, 'text')],
    ['thinking', answer.thinking, partText(parts, 'thinking')],
    ['thinking shown', answer.thinking, shownText(events, 'thinking')],
    ['tool calls', answer.calls, calls.map(({ tool, args }) => ({ tool, args }))],
    ['stop reason', answer.stopReason, finish.stopReason],
    ['token counts', answer.tokens, finish.usage ? tokens : null],
  ]
  const wrong = pairs.find(([, wanted, got]) => !isDeepStrictEqual(plain(wanted), plain(got)))
  if (!wrong) return null
  const [what, wanted, got] = wrong
  return `${what}: expected ${short(wanted)}, got ${short(got)}`
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function said(error: unknown): string {
  const kind = isProviderError(error) ? `kind ${error.kind}` : typeof error
  return `${kind} (${messageOf(error).slice(0, 200)})`
}

/** The end of a text tells more than its beginning where long ones differ in what is missing. */
function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 150)}…${text.slice(-150)}` : text
}
