// Go on with a session later, and say something to a run while it is under way.
import { deepStrictEqual, match } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SteeringChannel, isResult, isToolUse, run } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'glob', { pattern: '**/*' })],
    'I only looked at the names, as you said.',
    'You told me to look at the names alone.',
  ],
  { id: 'anthropic' },
)
const options = { provider, cwd, home: join(cwd, '.harnext') }

const steering = new SteeringChannel()
let sessionId = ''
for await (const message of run('Look around.', { ...options, steering })) {
  // The model reads it after the results of this turn.
  if (isToolUse(message)) steering.send('The names are enough.')
  if (isResult(message)) ({ sessionId } = message)
}

let answer = ''
for await (const message of run('What did I tell you?', { ...options, sessionId }))
  if (isResult(message)) answer = message.text
console.log(answer)

await rm(cwd, { recursive: true })

match(sessionId, /^sess_/)
deepStrictEqual(answer, 'You told me to look at the names alone.')
// The second run knew all of the first.
deepStrictEqual(
  provider.requests.at(-1)?.messages.map((message) => message.role),
  ['user', 'assistant', 'tool', 'user', 'assistant', 'user'],
)
