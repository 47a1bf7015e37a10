// Put your own chain together: each piece takes a runner and gives one, and so can yours.
import { deepStrictEqual } from 'node:assert'
import {
  Agent,
  Conversation,
  apply,
  toRunner,
  withHooks,
  withRetry,
  withTurnTracking,
  type Middleware,
} from '@harnext/compat/openharness'
import { scripted } from '@harnext/core/testing'

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted(['My password is hunter2.', 'I forgot it.'])
const agent = new Agent({ name: 'dev', model: { adapter, model: 'any' } })

/** Takes secrets out of what is shown. */
const withoutSecrets: Middleware = (next) =>
  async function* (history, input, options) {
    for await (const event of next(history, input, options))
      yield event.type === 'text.done'
        ? { ...event, text: event.text.replaceAll('hunter2', '*******') }
        : event
  }

const tokens: (number | undefined)[] = []
// The first is the outermost.
const runner = apply(
  toRunner(agent),
  withTurnTracking(),
  withHooks({ onAfterResponse: ({ usage }) => void tokens.push(usage.totalTokens) }),
  withoutSecrets,
  withRetry({ maxRetries: 5 }),
)

const conversation = new Conversation({ runner })
const shown: string[] = []
for (const question of ['What is your password?', 'Again, please.'])
  for await (const event of conversation.send(question)) {
    if (event.type === 'turn.start') shown.push(`${event.turnNumber}.`)
    if (event.type === 'text.done') shown.push(event.text)
  }
console.log(shown.join('\n'))
await agent.close()

deepStrictEqual(shown, ['1.', 'My password is *******.', '2.', 'I forgot it.'])
deepStrictEqual([tokens, conversation.messages.length], [[15, 15], 4])
