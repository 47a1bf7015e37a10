// The file of a run: a line of JSON for each turn, with the messages that joined, what came back and what it cost.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, type RunLogLine, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const divide: ToolSpec = {
  name: 'divide',
  description: 'Divides',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  handler({ a, b }: { a: number; b: number }) {
    // What is thrown is told to the model, which may try something else.
    if (b === 0) throw new Error('You cannot divide by zero.')
    return a / b
  },
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([
  [call('1', 'divide', { a: 6, b: 0 }), call('2', 'divide', { a: 6, b: 2 })],
  'By zero it cannot be done; by two it is 3.',
])
const runDir = join(await mkdtemp(join(tmpdir(), 'harnext-example-')), 'runs')
const harness = new Harness({
  adapter,
  model: 'any',
  system: 'You compute.',
  tools: [divide],
  runDir,
})
strictEqual(harness.runFile, null)

await harness.run('Divide 6 by 0 and by 2.')

const file = await readFile(harness.runFile ?? '', 'utf8')
const lines = file
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RunLogLine)
for (const { turn, stop_reason, metrics, tool_error_count } of lines)
  console.log(turn, stop_reason, `${metrics?.output_tokens} tokens`, `${tool_error_count} errors`)

await rm(join(runDir, '..'), { recursive: true })

deepStrictEqual(
  lines.map(({ turn, stop_reason, tool_error_count }) => [turn, stop_reason, tool_error_count]),
  [
    [1, 'tool_use', 1],
    [2, 'end_turn', 0],
  ],
)
// Each message stands in one line: together they are the conversation that the model was sent.
deepStrictEqual(
  lines.flatMap(({ messages }) => messages.map(({ role }) => role)),
  ['user', 'assistant', 'tool', 'tool'],
)
