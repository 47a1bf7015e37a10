// Large values stay out of the conversation: the model gets a handle with a snapshot, and reads what it needs.
import { deepStrictEqual, match, ok } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, SessionCache, answerTool, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const orders: ToolSpec = {
  name: 'orders',
  description: 'All orders',
  inputSchema: { type: 'object' },
  annotations: { readOnly: true },
  handler: () => Array.from({ length: 5000 }, (_, id) => ({ id, amount: id % 7 })),
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([
  [call('1', 'orders')],
  [call('2', 'read_handle', { handle: 'orders', offset: 4998 })],
  [call('3', 'answer', { value: { lastId: 4999 } })],
  'The last order has the id 4999.',
])
const runDir = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const harness = new Harness({
  adapter,
  model: 'any',
  system: 'You analyse orders.',
  // With `answer`, the program gets a value beside the text.
  tools: [orders, answerTool({ type: 'object', properties: { lastId: { type: 'integer' } } })],
  cache: new SessionCache(),
  runDir,
})

const { text, value, cacheStorage } = await harness.runResult('Which order is the last?')
console.log(text, value, cacheStorage)

await rm(runDir, { recursive: true })

deepStrictEqual([value, Object.keys(cacheStorage)], [{ lastId: 4999 }, ['orders']])
const sent = adapter.requests.map(({ messages }) => JSON.stringify(messages))
match(sent[1] ?? '', /Saved as `orders`/)
ok(sent.every((messages) => messages.length < 5000))
