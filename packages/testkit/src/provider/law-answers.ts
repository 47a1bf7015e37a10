import type { ProviderCheck } from '../check.ts'
import { awkwardly, bytewise } from '../server/split.ts'
import type { WireScript } from '../wire/script.ts'
import { collect } from './collect.ts'
import { expectAnswer } from './expect-answer.ts'
import { everything, scripts } from './scripts.ts'
import { answerOf, eventsOf, requestOf, withAdapter, type Subject } from './subject.ts'

type Chunks = string | readonly (string | Uint8Array)[]

/** Law 3, and with it what an answer says: the same however the network cuts it. */
export function answerChecks(subject: Subject): ProviderCheck[] {
  return [
    ...Object.entries(scripts).flatMap(([name, script]) =>
      Object.entries(cuts).map(([how, cut]) => answered(subject, `${name}, ${how}`, script, cut)),
    ),
    answered(subject, 'a megabyte in one event', { text: 'long 🐍 text '.repeat(80_000) }, whole),
    ...(subject.format.framing === 'sse' ? lineEnds(subject) : []),
  ]
}

const whole = (body: string): Chunks => body
const cuts: { readonly [how: string]: (body: string) => Chunks } = {
  'in one chunk': whole,
  'byte by byte': bytewise,
  'cut inside of characters and words': (body) => awkwardly(body),
}

/** The format lets a line end in three ways. */
function lineEnds(subject: Subject): ProviderCheck[] {
  const ends = [
    ['CR and LF', '\r\n'],
    ['CR', '\r'],
    ['LF', '\n'],
  ] as const
  return ends.map(([name, end]) =>
    answered(subject, `lines that end in ${name}, byte by byte`, everything, (body) =>
      bytewise(body.replaceAll(/\r\n|\n/g, end)),
    ),
  )
}

function answered(
  subject: Subject,
  name: string,
  script: WireScript,
  cut: (body: string) => Chunks,
): ProviderCheck {
  return {
    law: 3,
    name,
    async run() {
      const body = eventsOf(subject, script).join('')
      await withAdapter(
        subject,
        () => answerOf(subject, cut(body)),
        async (adapter) => {
          expectAnswer(subject.format, body, await collect(adapter, requestOf(subject)))
        },
      )
    },
  }
}
