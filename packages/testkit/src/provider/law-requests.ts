import { userMessage, type Message, type ModelRequest } from '@harnext/core/provider'
import { expectEqual, type ProviderCheck } from '../check.ts'
import type { FixtureAnswer } from '../server/fixture-server.ts'
import { collect, foldedMessage } from './collect.ts'
import { hostileEnvironment, namesReadBy } from './environment.ts'
import { everything, plainText } from './scripts.ts'
import { answerOf, errorAnswer, eventsOf, requestOf, withAdapter, type Subject } from './subject.ts'

/** Laws 6, 7 and 8: one request a call, nothing of it from the environment, and the caller's request as it was. */
export function requestChecks(subject: Subject): ProviderCheck[] {
  const failures: readonly (readonly [string, FixtureAnswer])[] = [
    ['status 500', errorAnswer(500, {})],
    ['status 429', errorAnswer(429, {}, { 'retry-after': '0' })],
    ['status 503', errorAnswer(503, {}, { 'x-should-retry': 'true' })],
    ['a connection that breaks', { after: 'reset' }],
    ['a stream that breaks', answerOf(subject, eventsOf(subject, plainText).slice(0, 2))],
  ]
  return [
    ...failures.map(([name, answer]): ProviderCheck => ({
      law: 6,
      name: `no second request after ${name}`,
      run: () => oneRequest(subject, answer),
    })),
    {
      law: 7,
      name: 'nothing of a request is from the environment',
      run: () => sameRequest(subject),
    },
    { law: 8, name: 'the request is not changed', run: () => unchanged(subject) },
  ]
}

async function oneRequest(subject: Subject, answer: FixtureAnswer): Promise<void> {
  await withAdapter(
    subject,
    () => answer,
    async (adapter, server) => {
      await collect(adapter, requestOf(subject))
      expectEqual('requests to the model', 1, server.calls().length)
    },
  )
}

/** Every variable that the adapter looks at is set to something else, and the request must not show it. */
async function sameRequest(subject: Subject): Promise<void> {
  let plain: object = {}
  const names = await namesReadBy(async () => {
    plain = await sentBy(subject)
  })
  const hostile = await hostileEnvironment(subject, names, () => sentBy(subject))
  expectEqual('the request', plain, hostile)
}

async function sentBy(subject: Subject): Promise<object> {
  return withAdapter(
    subject,
    () => answerOf(subject, eventsOf(subject, plainText)),
    async (adapter, server) => {
      await collect(adapter, requestOf(subject))
      return server.requests.map(
        ({ method, path, headers: { host: _host, ...headers }, body }) => ({
          method,
          path,
          headers,
          body,
        }),
      )
    },
  )
}

async function unchanged(subject: Subject): Promise<void> {
  await withAdapter(
    subject,
    () => answerOf(subject, eventsOf(subject, everything)),
    async (adapter) => {
      const first = requestOf(subject)
      const answer = foldedMessage(adapter, subject.model, await collect(adapter, first))
      const request = requestOf(subject, { ...everyOption, messages: historyWith(answer) })
      const before = structuredClone(request)
      const { error } = await collect(adapter, deepFrozen(request))
      if (error !== undefined) throw error
      expectEqual('the request', before, request)
    },
  )
}

const everyOption: Partial<ModelRequest> = {
  system: 'Be brief.',
  toolChoice: 'auto',
  maxOutputTokens: 1000,
  effort: 'low',
  cacheKey: 'key',
  output: { schema: { type: 'object', properties: {} } },
  params: { testkit_field: { deep: true } },
}

function historyWith(answer: Message): Message[] {
  const calls = answer.content.flatMap((part) => (part.type === 'tool_call' ? [part] : []))
  const image = { type: 'image', mediaType: 'image/png', data: 'QUJD' } as const
  return [
    userMessage('Hello'),
    answer,
    ...calls.map(({ id, tool }): Message => ({
      role: 'tool',
      id,
      tool,
      status: 'ok',
      content: [{ type: 'text', text: 'fine' }, image],
    })),
  ]
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const item of Object.values(value)) deepFrozen(item)
  return Object.freeze(value)
}
