// The stream of a run, in the blocks of Anthropic's events, with a result after each call.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncHarness, type RunResult, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const count: ToolSpec = {
  name: 'count_rows',
  description: 'Counts the rows of a table',
  inputSchema: { type: 'object', properties: { table: { type: 'string' } }, required: ['table'] },
  handler: ({ table }: { table: string }) => table.length,
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([
  [{ type: 'text', text: 'I count them.' }, call('1', 'count_rows', { table: 'orders' })],
  'There are 6 rows.',
])
const runDir = await mkdtemp(join(tmpdir(), 'harnext-example-'))
// The same class as `Harness`: in TypeScript everything is asynchronous.
const harness = new AsyncHarness({
  adapter,
  model: 'any',
  system: 'You count.',
  tools: [count],
  runDir,
})

const seen: string[] = []
let text = ''
let result: RunResult | undefined
const stream = harness.runStream('How many orders are there?')
for (;;) {
  const { done, value } = await stream.next()
  if (done) {
    // Other than data-harness' stream, this one ends with what the run came to.
    result = value
    break
  }
  if (value.type === 'content_block_delta' && value.delta.type === 'text_delta')
    text += value.delta.text
  if (value.type === 'tool_result') console.log(`${value.tool_name}: ${value.content}`)
  if (value.type !== 'content_block_delta') seen.push(value.type)
}
console.log(text)

await rm(runDir, { recursive: true })

const block = 'content_block_start content_block_stop'
strictEqual(
  seen.join(' '),
  `message_start ${block} ${block} message_delta message_stop tool_result message_start ${block} message_delta message_stop`,
)
deepStrictEqual([text, result.status], ['I count them.There are 6 rows.', 'success'])
