import { ProviderError, isRecorded, type RunEvent } from '@harnext/core'
import { call, collect, scripted, type ScriptedAnswer } from '@harnext/core/testing'
import fc from 'fast-check'
import { agentOf, stub } from './record.ts'

// Real runs with generated answers of the model, generated decisions of the person, and generated ways of streaming.

export interface Plan {
  readonly answers: readonly Answer[]
  readonly deltaLength: number
  /** What the person says to each request, in turn. */
  readonly decisions: readonly ('allow' | 'deny' | 'defer')[]
  /** How the events reach the reader: as they are, without numbers of parts, or from a log. */
  readonly delivery: 'live' | 'unnumbered' | 'logged'
}

interface Answer {
  readonly parts: readonly Part[]
  readonly fails: boolean
}
type Part = { readonly say: 'text' | 'thinking'; readonly text: string } | { readonly use: string }

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    say: fc.constantFrom('text', 'thinking'),
    text: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
  }),
  fc.record({ use: fc.constantFrom('echo', 'broken', 'guarded', 'forbidden', 'missing') }),
)

export const plans: fc.Arbitrary<Plan> = fc.record({
  answers: fc.array(
    fc.record({
      parts: fc.array(part, { maxLength: 4 }),
      fails: fc.nat(7).map((eighth) => eighth === 0),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  deltaLength: fc.integer({ min: 1, max: 12 }),
  decisions: fc.array(fc.constantFrom('allow', 'deny', 'defer'), { minLength: 1, maxLength: 6 }),
  delivery: fc.constantFrom('live', 'unnumbered', 'logged'),
})

const tools = [
  stub('echo', ({ n }) => String(n)),
  stub('broken', () => {
    throw new Error('no')
  }),
  stub('guarded', () => 'done', { effects: () => [{ kind: 'unknown' }] }),
  stub('forbidden', () => 'never', {
    effects: () => [{ kind: 'network', target: 'evil.example' }],
  }),
]

export async function runPlan(plan: Plan): Promise<readonly RunEvent[]> {
  const steps = plan.answers.map((answer, turn) => answerOf(answer, turn))
  let asked = 0
  const run = agentOf([], {
    adapter: scripted([...steps, 'The end.'], { deltaLength: plan.deltaLength }),
    tools,
    rules: [{ effect: 'network', pattern: 'evil.example', decision: 'deny' }],
    onPermission: () => plan.decisions[asked++ % plan.decisions.length] ?? 'deny',
    maxTurns: 10,
  }).run([], 'Go.', { session: 'sess_1' })
  const events = await collect(run)
  if (plan.delivery === 'live') return events
  if (plan.delivery === 'logged') return events.filter((event) => isRecorded(event))
  return events.map((event) => {
    if (event.type !== 'text' && event.type !== 'thinking') return event
    const { index: _, ...rest } = event
    return rest
  })
}

function answerOf({ parts, fails }: Answer, turn: number): ScriptedAnswer {
  // Ids come again in each turn, as some vendors' do.
  const content = parts.map((planned, index) =>
    'use' in planned
      ? call(`call_${index}`, planned.use, { n: turn })
      : { type: planned.say, text: planned.text },
  )
  if (!fails || turn === 0) return content
  return { content, error: new ProviderError('Cut.', { kind: 'stream_truncated' }) }
}
