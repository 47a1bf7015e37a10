// Stop a run whenever you like: what was done is on record, and the session goes on when you do.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { CancelToken, Harnext, Session } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = join(folder, '.harnext')

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'write', { path: 'a.txt', content: 'A\n' })],
    [call('2', 'bash', { command: 'sleep 600' })],
    'a.txt is written; then you stopped me.',
  ],
  { id: 'anthropic' },
)
const agent = new Harnext({ provider, cwd: folder, home })

// An `AbortSignal` does the same: agent.stream(…, { signal }).
const cancel = new CancelToken()
const run = agent.stream('Write a.txt, wait for ten minutes, write b.txt.', { cancel })
for await (const event of run) {
  if (event.type !== 'tool_start') continue
  console.log(`${event.tool} …`)
  if (event.tool === 'bash') cancel.cancel()
}
const stopped = await run.result
console.log(
  `cancelled in step ${stopped.steps.length}; changed: ${stopped.filesChanged.join(', ')}`,
)

// What there is of the session loads as any other, and takes the next question.
const session = await Session.load(stopped.sessionId, { home })
const next = await agent.run('How far did you get?', { session })
console.log(next.text)

await rm(folder, { recursive: true })

deepStrictEqual([stopped.cancelled, stopped.success], [true, false])
deepStrictEqual(stopped.filesChanged, ['a.txt'])
deepStrictEqual(
  session.steps.map(({ tool, status, reason }) => [tool, status, reason]),
  [
    ['write', 'ok', undefined],
    ['bash', 'error', 'cancelled'],
  ],
)
strictEqual(next.sessionId, stopped.sessionId)
strictEqual(next.success, true)
