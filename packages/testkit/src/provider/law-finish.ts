import { fail, type ProviderCheck } from '../check.ts'
import { collect } from './collect.ts'
import { expectAnswer } from './expect-answer.ts'
import { everything } from './scripts.ts'
import { answerOf, eventsOf, requestOf, withAdapter, type Subject } from './subject.ts'

/** Law 2: exactly one `finish`, last; what was cut is never taken for complete. */
export function finishChecks(subject: Subject): ProviderCheck[] {
  const events = eventsOf(subject, everything)
  const cutAt = (end: number): string => events.slice(0, end).join('')
  const cuts = events.map((_event, end) => end)
  return [
    {
      law: 2,
      name: `a stream that ends after each of its ${events.length} events`,
      run: () =>
        each(
          subject,
          cuts.map((end) => [`after event ${end}`, cutAt(end)]),
        ),
    },
    {
      law: 2,
      name: 'a stream that ends in the middle of each of its events',
      run: () =>
        each(
          subject,
          cuts.map((end) => [`in event ${end}`, cutAt(end) + half(events[end])]),
        ),
    },
    {
      law: 2,
      name: 'an end that comes twice',
      run: () => each(subject, [['twice', [...events, ...events.slice(-1)].join('')]]),
    },
  ]
}

/** Without the blank that would make it whole. */
function half(event = ''): string {
  return event.slice(0, Math.floor(event.trimEnd().length / 2))
}

async function each(
  subject: Subject,
  bodies: readonly (readonly [string, string])[],
): Promise<void> {
  let current = ''
  await withAdapter(
    subject,
    () => answerOf(subject, current),
    async (adapter) => {
      for (const [where, body] of bodies) {
        current = body
        const collected = await collect(adapter, requestOf(subject))
        try {
          expectAnswer(subject.format, body, collected)
        } catch (error) {
          fail(`${where}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    },
  )
}
