import { isProviderError, messageOf } from '@harnext/core/provider'
import { expectEqual, expectThat, fail, within } from '../check.ts'
import { collect, type Collected } from './collect.ts'
import { expectParts } from './expect-answer.ts'
import type { AdapterFactory } from './factory.ts'
import { chunked, mutated } from './mutate.ts'
import { seededRandom, type Random } from './random.ts'
import { scripts } from './scripts.ts'
import { answerOf, eventsOf, requestOf, subjectOf, withAdapter, type Subject } from './subject.ts'
import type { TestProviderOptions } from './test-provider.ts'

export interface FuzzOptions extends Pick<TestProviderOptions, 'format' | 'model'> {
  /** How many bodies. @default 1000 */
  readonly count?: number
  /** The same seed gives the same bodies. @default 1 */
  readonly seed?: number
  /** Bodies to change, besides the kit's own. */
  readonly bodies?: readonly string[]
}

export interface FuzzResult {
  readonly answers: number
  readonly errors: number
  /** What did not hold, with the number of the body. */
  readonly failures: readonly { readonly index: number; readonly reason: string }[]
}

/**
 * Serves answers that are nearly right. Whatever they are, what comes is a `ProviderError` or an answer that holds together; nothing
 * hangs, and nothing is thrown where nobody can catch it.
 */
export async function fuzzProvider(
  factory: AdapterFactory,
  options: FuzzOptions = {},
): Promise<FuzzResult> {
  const { count = 1000, seed = 1 } = options
  const subject = subjectOf(factory, options)
  const bodies = [
    ...Object.values(scripts).map((script) => eventsOf(subject, script).join('')),
    ...(options.bodies ?? []),
  ]
  const stray: unknown[] = []
  const note = (error: unknown): void => void stray.push(error)
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  try {
    return await serveMutated(subject, bodies, { count, seed, stray })
  } finally {
    process.off('uncaughtException', note)
    process.off('unhandledRejection', note)
  }
}

interface Serving {
  readonly count: number
  readonly seed: number
  /** What nobody caught. */
  readonly stray: unknown[]
}

async function serveMutated(
  subject: Subject,
  bodies: readonly string[],
  { count, seed, stray }: Serving,
): Promise<FuzzResult> {
  let chunks: readonly Uint8Array[] = []
  const failures: { index: number; reason: string }[] = []
  let answers = 0
  await withAdapter(
    subject,
    () => answerOf(subject, chunks),
    async (adapter) => {
      for (let index = 0; index < count; index++) {
        chunks = bodyFor(bodies, seededRandom(seed * 1_000_003 + index))
        try {
          const collected = await within(HANG_MS, 'the call', collect(adapter, requestOf(subject)))
          expectOutcome(collected)
          answers += collected.finishes.length
          const [error] = stray.splice(0)
          if (error !== undefined) fail(`nobody could catch ${messageOf(error)}`)
        } catch (error) {
          failures.push({ index, reason: messageOf(error) })
        }
      }
    },
  )
  return { answers, errors: count - answers - failures.length, failures }
}

const HANG_MS = 10_000

function bodyFor(bodies: readonly string[], random: Random): Uint8Array[] {
  const body = bodies[random.below(bodies.length)] ?? ''
  return chunked(mutated(body, random), random)
}

function expectOutcome(collected: Collected): void {
  const { error, events, finishes, parts } = collected
  if (finishes.length === 0) {
    if (!isProviderError(error))
      fail(`expected a ProviderError, got ${'error' in collected ? messageOf(error) : 'the end'}`)
    return
  }
  expectThat(!('error' in collected), `it finished, and threw ${messageOf(error)}`)
  expectEqual('finishes', 1, finishes.length)
  expectEqual('the last event', 'finish', events.at(-1)?.type)
  for (const type of ['text', 'thinking'] as const)
    expectEqual(`the ${type} that was shown`, said(parts, type), shown(events, type))
  expectParts(collected)
  const raw: unknown = finishes[0]?.rawStopReason
  expectThat(
    raw === undefined || typeof raw === 'string',
    'the vendor’s word for the stop is no text',
  )
  for (const count of Object.values(finishes[0]?.usage ?? {}))
    expectThat(count === null || Number.isFinite(count), `a count is ${JSON.stringify(count)}`)
}

/** Where a stream is in disorder the parts may stand in another order than they were shown in. */
function said(parts: Collected['parts'], type: 'text' | 'thinking'): string[] {
  const texts = parts.map((part) => (part.type === type ? part.text : ''))
  return texts.filter((text) => text !== '').toSorted()
}

function shown(events: Collected['events'], type: 'text' | 'thinking'): string[] {
  const texts = new Map<number | undefined, string>()
  for (const event of events)
    if (event.type === type) texts.set(event.index, (texts.get(event.index) ?? '') + event.text)
  return [...texts.values()].toSorted()
}
