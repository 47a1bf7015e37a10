// Harness' `run()` on harnext: a stream of messages, and the result last.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isResult, isTextMessage, isToolUse, run, type Result } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))
await writeFile(join(cwd, 'auth.ts'), 'export const isAdmin = (name) => name = "admin"\n')

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'read', { path: 'auth.ts' })],
    [
      { type: 'text', text: 'It assigns where it should compare.' },
      call('2', 'edit', { path: 'auth.ts', old_string: 'name = ', new_string: 'name === ' }),
    ],
    'The bug in auth.ts is fixed.',
  ],
  { id: 'anthropic' },
)

let text = ''
const tools: string[] = []
let result: Result | undefined
for await (const message of run('Fix the bug in auth.ts', {
  provider,
  cwd,
  home: join(cwd, '.harnext'),
  permissionMode: 'accept_edits',
})) {
  // Chunks while the model speaks; the whole text of a turn comes again with `isPartial: false`.
  if (isTextMessage(message) && message.isPartial) {
    process.stdout.write(message.text)
    text += message.text
  } else if (isToolUse(message)) {
    console.log(`\n→ ${message.name} ${JSON.stringify(message.args)}`)
    tools.push(message.name)
  } else if (isResult(message)) result = message
}
console.log(
  `\n${result?.turns} turns, ${result?.totalTokens} tokens, $${result?.totalCost.toFixed(4)}`,
)

const fixed = await readFile(join(cwd, 'auth.ts'), 'utf8')
await rm(cwd, { recursive: true })

strictEqual(fixed, 'export const isAdmin = (name) => name === "admin"\n')
deepStrictEqual(tools, ['Read', 'Edit'])
strictEqual(text, 'It assigns where it should compare.The bug in auth.ts is fixed.')
deepStrictEqual([result?.stopReason, result?.turns, result?.costKnown], ['end_turn', 3, true])
