// A session remembers: its history is put together before it gets too long, failures that may pass are tried again, and a store keeps it.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { Agent, Session, type SessionStore } from '@harnext/compat/openharness'
import { ProviderError, type Message } from '@harnext/core'
import { scripted } from '@harnext/core/testing'

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  new ProviderError('Overloaded.', { kind: 'overloaded', retryable: true, retryAfterMs: 1 }),
  {
    content: [{ type: 'text', text: 'There are 200 files; the largest is server.ts.' }],
    usage: { inputTokens: 120_000 },
  },
  'The person asked for all files. The largest one is server.ts.',
  'I split server.ts in two.',
])
// Here the session repeats what failed, so that it can be seen.
const agent = new Agent({ name: 'dev', model: { adapter, model: 'any' }, maxRetries: 0 })

const kept = new Map<string, readonly Message[]>()
const sessionStore: SessionStore = {
  load: (id) => kept.get(id),
  save: (id, messages) => void kept.set(id, messages),
}

const session = new Session({ agent, contextWindow: 128_000, sessionStore, sessionId: 'refactor' })
const around: string[] = []
for (const input of ['List all files.', 'Now refactor the largest one.'])
  for await (const event of session.send(input)) {
    if (event.type === 'text.delta') process.stdout.write(event.text)
    if (event.type === 'turn.done') console.log()
    if (/^(turn|retry|compaction)/.test(event.type)) around.push(event.type)
  }

const again = new Session({ agent, sessionStore, sessionId: 'refactor' })
await again.load()
await agent.close()

strictEqual(
  around.join(' '),
  'turn.start retry turn.done turn.start compaction.start compaction.summary compaction.done turn.done',
)
deepStrictEqual([session.turns, session.totalUsage.totalTokens], [2, 120_020])
// The summary, what was asked and the answer.
deepStrictEqual(
  again.messages.map(({ role }) => role),
  ['user', 'user', 'assistant'],
)
strictEqual(again.messages, session.messages)
