import { getEventListeners } from 'node:events'
import { setImmediate as tick } from 'node:timers/promises'
import { isProviderError, messageOf, type ProviderAdapter } from '@harnext/core/provider'
import { expectEqual, expectThat, fail, within, type ProviderCheck } from '../check.ts'
import { collect, type Collected } from './collect.ts'
import { everything, plainText } from './scripts.ts'
import {
  answerOf,
  errorAnswer,
  eventsOf,
  requestOf,
  withAdapter,
  type CallServer,
  type Subject,
} from './subject.ts'

/** Law 5: an abort ends the call at any moment, and its connection; nothing of a call outlives it. */
export function cancelChecks(subject: Subject, streams: number): ProviderCheck[] {
  const events = eventsOf(subject, everything)
  return [
    { law: 5, name: 'an abort before the call', run: () => abortBefore(subject) },
    { law: 5, name: 'an abort before the answer', run: () => abortUnanswered(subject) },
    {
      law: 5,
      name: `an abort after each of ${events.length - 1} events`,
      run: () => abortAfterEach(subject, events.slice(0, -1)),
    },
    {
      law: 5,
      name: 'an abort at each event that the adapter gives',
      run: () => abortAtEach(subject, events),
    },
    { law: 5, name: 'a reader that leaves', run: () => leave(subject, events) },
    { law: 5, name: 'no listener outlives its call', run: () => listeners(subject) },
    {
      law: 5,
      name: `${streams} calls leave no connection behind`,
      run: () => manyCalls(subject, streams),
    },
  ]
}

/** Ten times what the law allows. */
const GUARD_MS = 1_000

async function abortBefore(subject: Subject): Promise<void> {
  await withAdapter(
    subject,
    () => answerOf(subject, eventsOf(subject, plainText)),
    async (adapter, server) => {
      const call = collect(adapter, requestOf(subject), { signal: AbortSignal.abort() })
      expectCancelled(await within(GUARD_MS, 'the call', call))
      expectEqual('requests to the model', 0, server.calls().length)
    },
  )
}

async function abortUnanswered(subject: Subject): Promise<void> {
  const aborter = new AbortController()
  await withAdapter(
    subject,
    () => {
      aborter.abort()
      return { after: 'hang' }
    },
    async (adapter, server) => {
      expectCancelled(await collectUntilAbort(subject, adapter, aborter))
      await expectClosed(server)
    },
  )
}

/** The server says so much, and then nothing. */
async function abortAfterEach(subject: Subject, events: readonly string[]): Promise<void> {
  for (let sent = 0; sent <= events.length; sent++) {
    const aborter = new AbortController()
    const abort = async (at: number): Promise<void> => {
      if (at < sent) return
      // The events before it reach the reader first, or do not: the outcome is the same.
      await tick()
      aborter.abort()
    }
    await withAdapter(
      subject,
      () =>
        answerOf(subject, [...events.slice(0, sent), ''], { after: 'hang', beforeChunk: abort }),
      async (adapter, server) => {
        const collected = await collectUntilAbort(subject, adapter, aborter)
        const isOver = subject.format.read(events.slice(0, sent).join('')).isComplete
        // An answer that is complete may be given as one.
        if (!(isOver && collected.finishes.length === 1)) expectCancelled(collected)
        await expectClosed(server)
      },
    )
  }
}

async function abortAtEach(subject: Subject, events: readonly string[]): Promise<void> {
  for (let at = 0; ; at++) {
    const aborter = new AbortController()
    let seen = 0
    const collected = await withAdapter(
      subject,
      () => answerOf(subject, events),
      (adapter) =>
        within(
          GUARD_MS * 5,
          `the call that is aborted at event ${at}`,
          collect(adapter, requestOf(subject), {
            signal: aborter.signal,
            onEvent: () => {
              if (seen++ === at) aborter.abort()
            },
          }),
        ),
    )
    if (collected.finishes.length === 0) expectCancelled(collected)
    else if (seen <= at + 1) return
  }
}

async function collectUntilAbort(
  subject: Subject,
  adapter: ProviderAdapter,
  aborter: AbortController,
): Promise<Collected> {
  const { signal } = aborter
  const call = collect(adapter, requestOf(subject), { signal })
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await within(GUARD_MS * 10, 'the wait for the server', Promise.race([aborted, call]))
  return within(GUARD_MS, 'the aborted call', call)
}

async function leave(subject: Subject, events: readonly string[]): Promise<void> {
  await withAdapter(
    subject,
    () => answerOf(subject, events.slice(0, -1), { after: 'hang' }),
    async (adapter, server) => {
      const { signal } = new AbortController()
      const call = adapter.stream(requestOf(subject), { signal })[Symbol.asyncIterator]()
      await call.next()
      await call.return?.()
      await expectClosed(server)
      expectEqual('listeners', 0, getEventListeners(signal, 'abort').length)
    },
  )
}

async function listeners(subject: Subject): Promise<void> {
  const answers = [
    answerOf(subject, eventsOf(subject, everything)),
    errorAnswer(500, {}),
    answerOf(subject, eventsOf(subject, plainText).slice(0, 2)),
  ]
  const { signal } = new AbortController()
  for (const answer of answers)
    await withAdapter(
      subject,
      () => answer,
      (adapter) => collect(adapter, requestOf(subject), { signal }),
    )
  expectEqual('listeners', 0, getEventListeners(signal, 'abort').length)
}

const AT_ONCE = 8

/** Some complete, some that fail, some that are aborted, some that nobody reads to the end. */
async function manyCalls(subject: Subject, count: number): Promise<void> {
  const events = eventsOf(subject, plainText)
  let served = 0
  await withAdapter(
    subject,
    () => {
      served += 1
      if (served % 4 === 0) return errorAnswer(500, {})
      return answerOf(subject, events, served % 4 === 1 ? {} : { after: 'hang' })
    },
    async (adapter, server) => {
      let made = 0
      const worker = async (): Promise<void> => {
        while (made < count) {
          made += 1
          await halfRead(subject, adapter, made % 2 === 0)
        }
      }
      await within(
        60_000 + count * 50,
        'all calls',
        Promise.all(Array.from({ length: AT_ONCE }, worker)),
      )
      await within(GUARD_MS, `the end of all but ${AT_ONCE} connections`, fewConnections(server))
    },
  )
}

async function halfRead(
  subject: Subject,
  adapter: ProviderAdapter,
  isAborted: boolean,
): Promise<void> {
  const aborter = new AbortController()
  try {
    const { signal } = aborter
    const call = adapter.stream(requestOf(subject), { signal })[Symbol.asyncIterator]()
    await call.next()
    if (isAborted) aborter.abort()
    else await call.return?.()
    await call.next()
  } catch (error) {
    if (!isProviderError(error)) throw error
  }
}

async function fewConnections(server: CallServer): Promise<void> {
  while ((await server.openConnections()) > AT_ONCE) await tick()
}

/** Of the last request. */
async function expectClosed(server: CallServer): Promise<void> {
  const call = server.calls().at(-1)
  if (call) await within(GUARD_MS, 'the end of the connection', call.closed())
}

function expectCancelled({ error, finishes }: Collected): void {
  if (finishes.length > 0) fail('expected kind cancelled, got an answer')
  if (!isProviderError(error))
    fail(`expected a ProviderError, got ${error === undefined ? 'the end' : messageOf(error)}`)
  expectThat(
    error.kind === 'cancelled',
    `expected kind cancelled, got ${error.kind}: ${error.message}`,
  )
  expectEqual('retryable', false, error.retryable)
}
