import { expect, test } from 'vitest'
import { z } from 'zod'
import { memoryStore, loadSession, type StandardSchema } from '../../src/index.ts'
import { call } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'

const schema = z.object({ name: z.string(), age: z.number().int() })
const json = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
}

for (const [kind, outputSchema] of [
  ['zod', schema as StandardSchema],
  ['JSON Schema', json],
] as const) {
  test(`${kind}: an answer that fits is the output`, async () => {
    const { agent, adapter } = agentOf([[call('1', 'a')], '{"name":"Ada","age":36}'], {
      tools: [stub('a', () => 'x')],
    })
    const { output, stopReason } = await agent.run([], 'who?', { outputSchema }).result
    expect([output, stopReason]).toEqual([{ name: 'Ada', age: 36 }, 'complete'])
    expect(adapter.requests[0]?.output?.schema).toMatchObject({
      type: 'object',
      required: ['name', 'age'],
    })
    expect(adapter.requests[0]?.messages.at(-1)).toMatchObject({ role: 'user', origin: 'reminder' })
  })

  test(`${kind}: one repair turn, which is told what is wrong`, async () => {
    const { agent, adapter } = agentOf(['Ada, 36', '```json\n{"name":"Ada","age":36}\n```'])
    const { output } = await agent.run([], 'who?', { outputSchema }).result
    expect(output).toEqual({ name: 'Ada', age: 36 })
    expect(JSON.stringify(adapter.requests[1]?.messages.at(-1))).toContain('not JSON')
  })

  test(`${kind}: after a second wrong answer the run is an error`, async () => {
    const { agent } = agentOf(['{"name":1}', '{"name":"Ada"}'])
    const { output, stopReason, error, text } = await agent.run([], 'who?', { outputSchema }).result
    expect([output, stopReason, error?.code, text]).toEqual([
      null,
      'error',
      'validation',
      '{"name":"Ada"}',
    ])
    expect(error?.message).toContain('age')
  })
}

test('the repair is on record: a resumed run is not repaired twice', async () => {
  const store = memoryStore()
  const { agent } = agentOf(['no', 'still no'], { store })
  const { sessionId } = await agent.run([], 'who?', { outputSchema: json }).result
  const { state } = await loadSession(store, sessionId)
  expect(state.messages.filter((message) => message.role === 'user')).toHaveLength(3)
  const again = await agentOf([], { store }).agent.resume(sessionId, { outputSchema: json }).result
  expect(again.error?.code).toBe('validation')
})
