// Your first script: say what you want done in a folder, and read what was done.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
await writeFile(join(folder, 'greeting.txt'), 'Helo, world!\n')

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
// The script goes by the same id, so that the model and its prices are the same too.
const provider = scripted(
  [
    [call('1', 'read', { path: 'greeting.txt' })],
    [call('2', 'edit', { path: 'greeting.txt', old_string: 'Helo', new_string: 'Hello' })],
    'The greeting had a typo; it is fixed.',
  ],
  { id: 'anthropic' },
)

// The agent works in `cwd`. It keeps its sessions in `home`, which is ~/.harnext where you do not say otherwise.
const agent = new Harnext({ provider, cwd: folder, home: join(folder, '.harnext') })

const result = await agent.run('Fix the typo in greeting.txt.')
console.log(result.text)
for (const { tool, status } of result.steps) console.log(`- ${tool}: ${status}`)
console.log(`changed: ${result.filesChanged.join(', ')}`)
console.log(`${result.usage.totalTokens} tokens in session ${result.sessionId}`)

const greeting = await readFile(join(folder, 'greeting.txt'), 'utf8')
await rm(folder, { recursive: true })

strictEqual(result.success, true)
strictEqual(greeting, 'Hello, world!\n')
deepStrictEqual(result.filesChanged, ['greeting.txt'])
deepStrictEqual(
  result.steps.map(({ tool, status }) => [tool, status]),
  [
    ['read', 'ok'],
    ['edit', 'ok'],
  ],
)
