import {
  isProviderError,
  type ProviderError,
  messageOf,
  type ProviderErrorKind,
} from '@harnext/core/provider'
import { expectEqual, expectThat, fail, within, type ProviderCheck } from '../check.ts'
import type { FixtureAnswer } from '../server/fixture-server.ts'
import type { VendorErrorKind } from '../wire/errors.ts'
import { collect, shownText } from './collect.ts'
import { expectAnswer } from './expect-answer.ts'
import { plainText } from './scripts.ts'
import { answerOf, errorAnswer, eventsOf, requestOf, withAdapter, type Subject } from './subject.ts'

/** Law 1: all that it throws is `ProviderError`, of the right kind and with what the server said about waiting. */
export function errorChecks(subject: Subject): ProviderCheck[] {
  return [
    ...kinds.map(([kind, isRetryable]) => vendorError(subject, kind, isRetryable)),
    ...kinds.map(([kind, isRetryable]) => errorInStream(subject, kind, isRetryable)),
    ...waits.map(([how, headers]) => retryAfter(subject, how, headers)),
    ...pages.map(([status, kind]) => strangePage(subject, status, kind)),
    ...nonsense(subject).map(([name, answer]) => senseless(subject, name, answer)),
    unreachable(subject),
    unknownEvents(subject),
    comments(subject),
  ].filter((check) => check !== undefined)
}

const kinds: readonly (readonly [VendorErrorKind, boolean])[] = [
  ['auth', false],
  ['permission', false],
  ['not_found', false],
  ['invalid_request', false],
  ['overflow', false],
  ['rate_limit', true],
  ['quota', false],
  ['server', true],
  ['overloaded', true],
]

function vendorError(
  subject: Subject,
  kind: VendorErrorKind,
  isRetryable: boolean,
): ProviderCheck | undefined {
  const error = subject.format.error(kind)
  if (!error) return undefined
  const { status, body } = error
  return {
    law: 1,
    name: `the vendor's error of kind ${kind}, status ${status}`,
    async run() {
      const thrown = await failureOf(subject, errorAnswer(status, body, { 'x-request-id': 'r-1' }))
      expectEqual('kind', kind, thrown.kind)
      expectEqual('status', status, thrown.status)
      expectEqual('retryable', isRetryable, thrown.retryable)
      expectEqual('partial', '', thrown.partial)
    },
  }
}

function errorInStream(
  subject: Subject,
  kind: VendorErrorKind,
  isRetryable: boolean,
): ProviderCheck | undefined {
  const event = subject.format.errorEvent(kind)
  // What a vendor would have said before it began need not be told apart in the middle.
  if (event === undefined || !(kind === 'server' || kind === 'overloaded' || kind === 'rate_limit'))
    return undefined
  const [first = '', ...rest] = eventsOf(subject, plainText)
  const before = [first, ...rest.slice(0, 3)]
  return {
    law: 1,
    name: `an error of kind ${kind} in the middle of a stream`,
    async run() {
      const thrown = await failureOf(subject, answerOf(subject, [...before, event]))
      const isKnown = thrown.kind === kind || thrown.kind === 'server'
      expectThat(isKnown, `expected kind ${kind}, got ${thrown.kind}: ${thrown.message}`)
      expectEqual('retryable', isRetryable, thrown.retryable)
    },
  }
}

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toUTCString()
const waits: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
  ['retry-after in seconds', () => ({ 'retry-after': '3600' })],
  ['retry-after as a date', () => ({ 'retry-after': inAnHour() })],
  ['retry-after-ms', () => ({ 'retry-after-ms': '3600000', 'retry-after': '1' })],
]

function retryAfter(
  subject: Subject,
  how: string,
  headers: () => Readonly<Record<string, string>>,
): ProviderCheck {
  return {
    law: 1,
    name: `how long to wait, from ${how}`,
    async run() {
      const { status, body } = subject.format.error('rate_limit') ?? { status: 429, body: {} }
      const { retryAfterMs = 0 } = await failureOf(subject, errorAnswer(status, body, headers()))
      const isNear = retryAfterMs > 3_000_000 && retryAfterMs <= 3_600_000
      expectThat(isNear, `expected retryAfterMs of an hour, got ${retryAfterMs}`)
    },
  }
}

/** What stands between a client and a vendor has pages of its own. */
const pages: readonly (readonly [number, ProviderErrorKind])[] = [
  [401, 'auth'],
  [403, 'permission'],
  [404, 'not_found'],
  [413, 'overflow'],
  [429, 'rate_limit'],
  [500, 'server'],
  [502, 'server'],
  [503, 'overloaded'],
  [529, 'overloaded'],
]

function strangePage(subject: Subject, status: number, kind: ProviderErrorKind): ProviderCheck {
  return {
    law: 1,
    name: `a page of a gateway, status ${status}`,
    async run() {
      const page = `<html><head><title>${status}</title></head><body>nginx</body></html>`
      const thrown = await failureOf(subject, errorAnswer(status, page))
      expectEqual('kind', kind, thrown.kind)
      expectEqual('status', status, thrown.status)
    },
  }
}

function nonsense(subject: Subject): (readonly [string, FixtureAnswer])[] {
  const events = eventsOf(subject, plainText)
  const garbled = subject.format.framing === 'sse' ? 'data: {"broken\n\n' : '{"broken\n'
  const array = subject.format.framing === 'sse' ? 'data: [[null]]\n\n' : '[[null]]\n'
  return [
    ['an empty body', answerOf(subject, '')],
    ['a page instead of an answer', errorAnswer(200, '<html>Log in</html>')],
    ['JSON that is no answer', errorAnswer(200, { hello: 'world' })],
    ['an event that is no JSON', answerOf(subject, [...events.slice(0, 3), garbled])],
    ['an event of another shape', answerOf(subject, [...events.slice(0, 3), array])],
    ['a connection that breaks before the answer', { after: 'reset' }],
    [
      'a connection that breaks in the middle',
      answerOf(subject, events.slice(0, 3), { after: 'reset' }),
    ],
  ]
}

function senseless(subject: Subject, name: string, answer: FixtureAnswer): ProviderCheck {
  return { law: 1, name, run: async () => void (await failureOf(subject, answer)) }
}

function unreachable(subject: Subject): ProviderCheck {
  return {
    law: 1,
    name: 'a server that is not there',
    async run() {
      const adapter = subject.factory({ baseURL: 'http://127.0.0.1:1', apiKey: 'key' })
      const { error } = await within(GUARD_MS, 'the call', collect(adapter, requestOf(subject)))
      expectThat(isProviderError(error), `expected a ProviderError, got ${messageOf(error)}`)
      expectEqual('kind', 'network', error.kind)
      expectEqual('retryable', true, error.retryable)
    },
  }
}

function unknownEvents(subject: Subject): ProviderCheck {
  return {
    law: 1,
    name: 'events that are new',
    async run() {
      const { unknownEvent } = subject.format
      const events = eventsOf(subject, plainText)
      const body = [
        ...events.slice(0, -1).flatMap((event) => [event, unknownEvent]),
        ...events.slice(-1),
      ]
      await expectPlain(subject, body, events.join(''))
    },
  }
}

/** Servers keep a connection alive by lines that say nothing. */
function comments(subject: Subject): ProviderCheck | undefined {
  if (subject.format.framing !== 'sse') return undefined
  return {
    law: 1,
    name: 'comments between the events',
    async run() {
      const events = eventsOf(subject, plainText)
      await expectPlain(
        subject,
        events.flatMap((event) => [': working\n\n', event]),
        events.join(''),
      )
    },
  }
}

async function expectPlain(subject: Subject, body: readonly string[], like: string): Promise<void> {
  await withAdapter(
    subject,
    () => answerOf(subject, body),
    async (adapter) => {
      expectAnswer(subject.format, like, await collect(adapter, requestOf(subject)))
    },
  )
}

/** The `ProviderError` of a call; anything else is a failure of the check. */
async function failureOf(subject: Subject, answer: FixtureAnswer): Promise<ProviderError> {
  return withAdapter(
    subject,
    () => answer,
    async (adapter) => {
      const call = collect(adapter, requestOf(subject))
      const { events, finishes, error } = await within(GUARD_MS, 'the call', call)
      if (finishes.length > 0) fail('expected an error, got an answer')
      if (!isProviderError(error))
        fail(`expected a ProviderError, got ${error === undefined ? 'the end' : messageOf(error)}`)
      expectEqual('partial', shownText(events, 'text'), error.partial)
      return error
    },
  )
}

const GUARD_MS = 10_000
