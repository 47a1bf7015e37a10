import { expect, test } from 'vitest'
import { main } from '../src/command/main.ts'
import { problemsOf } from '../src/compaction/judge-request.ts'
import { evaluateCompaction } from '../src/index.ts'

test(
  'what must not be lost survives a summariser that loses half, in long random histories',
  { timeout: 120_000 },
  async () => {
    const { problems, ...counts } = await evaluateCompaction({ count: 30, seed: 7000 })
    expect(problems).toEqual([])
    expect(counts.histories).toBe(30)
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0)
    expect(counts.compactions).toBeGreaterThan(30)
  },
)

test('an agent that never shortens is found out', async () => {
  const { problems } = await evaluateCompaction({ count: 5, agent: { compaction: false } })
  expect(problems[0]?.problem).toMatch(/^the run ended with error: \d+ tokens are too long/)
})

test('the judge sees what is lost, and what is parted', () => {
  const call = { type: 'tool_call', id: 'a', tool: 't', args: {} } as const
  const by = { provider: 'p', api: 'x', model: 'm', stopReason: 'tool_calls' } as const
  const asked = { role: 'assistant', content: [call], ...by } as const
  const answered = { role: 'tool', id: 'a', tool: 't', status: 'ok', content: [] } as const
  const kept = { said: ['mend it'], openTodos: ['write'] }
  expect(problemsOf([asked, answered], kept)).toEqual(['lost: mend it', 'lost: write'])
  const none = { said: [], openTodos: [] }
  expect(problemsOf([answered], none)).toEqual(['a result without its call: a'])
  expect(problemsOf([asked], none)).toEqual(['a call without its result: a'])
})

test('the command says what came of it', async () => {
  let text = ''
  const output = { write: (more: string) => void (text += more) }
  expect(await main(['compaction', '--count', '3', '--seed', '5'], output)).toBe(0)
  expect(text).toMatch(/^3 histories, \d+ requests, .* 0 problems \(seed 5\)\n$/)
  expect(await main(['compaction', '--count', 'many'], output)).toBe(2)
})
