// A session is a file. It can be read again step by step, and gone on with from any step, another way.
import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext, Session } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = join(folder, '.harnext')
const write = (id: string, content: string) => call(id, 'write', { path: 'plan.md', content })

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [write('1', 'First idea\n')],
    [write('2', 'Second idea\n')],
    'The second idea it is.',
    // Asked again from behind the first step, it comes to something else.
    'The first idea was better.',
  ],
  { id: 'anthropic' },
)
const agent = new Harnext({ provider, cwd: folder, home })
const { sessionId } = await agent.run('Make a plan.')

const session = await Session.load(sessionId, { home })
const replayed: string[] = []
// No model is asked, and no tool runs.
for await (const { tool, args } of session.replay())
  replayed.push(`${tool} ${JSON.stringify(args)}`)
console.log(replayed.join('\n'))

const fork = await session.fork({ atStep: 1 })
const { text } = await agent.run('Is it good?', { session: fork })
console.log(text)

const exported = join(folder, 'session.json')
await session.export(exported)
const { length } = await readFile(exported, 'utf8')
const sessions = await Session.list({ home })
await rm(folder, { recursive: true })

strictEqual(replayed.length, 2)
strictEqual(text, 'The first idea was better.')
notStrictEqual(fork.id, sessionId)
// The fork begins with one step, and its session stays as it was.
strictEqual(fork.steps.length, 1)
strictEqual(session.steps.length, 2)
deepStrictEqual(sessions.map(({ id }) => id).toSorted(), [fork.id, sessionId].toSorted())
strictEqual(length > 0, true)
