import { expect, test } from 'vitest'
import { estimateTokens, inputEstimator } from '../../src/context/estimate.ts'
import { userMessage, type AssistantMessage, type Message } from '../../src/messages.ts'
import { zeroUsage } from '../../src/usage.ts'

const answer = (text: string, tokens?: number): AssistantMessage => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  provider: 'p',
  api: 'p',
  model: 'm',
  stopReason: 'stop',
  ...(tokens !== undefined && {
    usage: { ...zeroUsage, inputTokens: tokens - 30, cacheReadTokens: 10, outputTokens: 20 },
  }),
})

test('a guess counts bytes, so that no language is cheaper than it is', () => {
  const tokens = (text: string) =>
    estimateTokens(userMessage(text)) - estimateTokens(userMessage(''))
  expect(tokens('a'.repeat(300))).toBe(100)
  expect(tokens('字'.repeat(100))).toBe(100)
  expect(tokens('é'.repeat(150))).toBe(100)
  expect(tokens('🎉'.repeat(75))).toBe(100)
  for (const text of ['plain', 'naïve', '日本語', '👩‍🚀', '\ud800'])
    expect(tokens(text)).toBe(Math.ceil(new TextEncoder().encode(text.toWellFormed()).length / 3))
})

test('every kind of part counts with what is sent of it', () => {
  const more = (content: Message['content']) =>
    estimateTokens({ role: 'user', content } as Message) - estimateTokens(userMessage(''))
  const image = { type: 'image', mediaType: 'image/png', data: 'x'.repeat(90_000) } as const
  expect(more([image])).toBe(1600)
  expect(more([{ type: 'file', mediaType: 'application/pdf', data: 'x'.repeat(3000) }])).toBe(1000)
  const opaque = { by: 'p', model: 'm', data: 'x'.repeat(3000) }
  for (const part of [
    { type: 'thinking', text: '', opaque },
    { type: 'provider', opaque },
    { type: 'tool_call', id: '1', tool: 't', args: { text: 'x'.repeat(3000) } },
    { type: 'source', url: 'x'.repeat(3000) },
  ] as const)
    expect(more([part] as never)).toBeGreaterThanOrEqual(1000)
})

test('what the vendor measured takes the place of every guess before it', () => {
  const estimate = inputEstimator('p'.repeat(300))
  const messages: Message[] = [userMessage('x'.repeat(3000))]
  expect(estimate(messages)).toBe(100 + 8 + 1000)
  messages.push(answer('y', 50))
  expect(estimate(messages)).toBe(50)
  messages.push(userMessage('x'.repeat(300)))
  expect(estimate(messages)).toBe(50 + 8 + 100)
  messages.push(answer('x'.repeat(300)))
  expect(estimate(messages)).toBe(158 + 8 + 100)
})

test('after a compaction the measure of the longer history does not count, and that of the next call does', () => {
  const estimate = inputEstimator('')
  const before: Message[] = [userMessage('a'), answer('b', 100_000)]
  expect(estimate(before)).toBe(100_000)
  const after: Message[] = [userMessage('short', 'summary'), ...before.slice(1)]
  expect(estimate(after)).toBeLessThan(100)
  after.push(userMessage('c'), answer('d', 200))
  expect(estimate(after)).toBe(200)
  // Another process that goes on with the same log knows no more.
  expect(inputEstimator('')(after.slice(0, 2))).toBeLessThan(100)
})

test('each message is looked at once', () => {
  let reads = 0
  const counting = (message: Message): Message =>
    new Proxy(message, {
      get: (target, key) => (key === 'content' && reads++, Reflect.get(target, key)),
    })
  const estimate = inputEstimator('')
  const messages: Message[] = []
  for (let count = 0; count < 100; count++) {
    messages.push(counting(userMessage('x')))
    estimate(messages)
  }
  expect(reads).toBe(100)
})
