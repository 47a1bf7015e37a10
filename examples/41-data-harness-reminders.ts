// Reminders: what the model should have in mind in a turn, said behind all that was said before, so that the prompt stays cached.
import { deepStrictEqual, match, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, MaxTurnsExceeded, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const look: ToolSpec = {
  name: 'look',
  description: 'Looks at one table',
  inputSchema: { type: 'object' },
  handler: () => 'Nothing unusual.',
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([[call('1', 'look')], [call('2', 'look')], [call('3', 'look')]])
const runDir = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const harness = new Harness({
  adapter,
  model: 'any',
  system: 'You look for errors.',
  tools: [look],
  maxTurns: 3,
  runDir,
})
harness.registerReminder((turn, maxTurns) =>
  turn === 2 ? `${maxTurns - turn} turn is left after this one.` : null,
)

let error: unknown
try {
  await harness.run('Find the error.')
} catch (thrown) {
  error = thrown
}
console.log(String(error))

await rm(runDir, { recursive: true })

strictEqual(error instanceof MaxTurnsExceeded && error.turns, 3)
const [first, second, third] = adapter.requests
match(JSON.stringify(second?.messages.at(-1)), /1 turn is left after this one/)
// One more is built in, for the turn that really is the last.
match(JSON.stringify(third?.messages.at(-1)), /This is the final turn/)
deepStrictEqual([second?.system, third?.system], [first?.system, first?.system])
deepStrictEqual(third?.messages.slice(0, second?.messages.length), second?.messages)
