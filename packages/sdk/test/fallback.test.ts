import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@harnext/core'
import { scripted } from '@harnext/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Harnext, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

async function server(listener: RequestListener): Promise<string> {
  const http = createServer(listener).listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/** An Anthropic that has too much to do, and an Ollama that answers. */
async function surroundings(): Promise<Partial<HarnextOptions>> {
  const cwd = await temporary()
  const busy = await server((_request, response) =>
    response
      .writeHead(529, { 'content-type': 'application/json' })
      .end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
  )
  const local = await server((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/x-ndjson' })
      .end(
        '{"message":{"role":"assistant","content":"Here."},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1}\n',
      ),
  )
  const env = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: busy, OLLAMA_HOST: local }
  return { cwd, home: cwd, env, model: 'anthropic/claude-sonnet-5-5', maxRetries: 0 }
}

test('a provider that is overloaded gives way to the next, which is reached by its own address', async () => {
  const agent = new Harnext({ ...(await surroundings()), fallback: ['ollama/llama3.1'] })
  const result = await agent.run('Hi')
  expect(result.text).toBe('Here.')
  expect(result.messages.at(-1)).toMatchObject({ provider: 'ollama', model: 'llama3.1' })
  expect(result.usage.costUsd).toBe(0)
})

test('one without a key is named at the start, and passed over', async () => {
  const fallback = ['openai/gpt-4o', 'ollama/llama3.1']
  const run = new Harnext({ ...(await surroundings()), fallback }).stream('Hi')
  const told: string[] = []
  for await (const event of run) {
    if (event.type === 'warning') told.push(event.code)
    if (event.type === 'fallback') told.push(`${event.from} > ${event.to}`)
  }
  expect(told).toEqual([
    'settings',
    'anthropic/claude-sonnet-5-5 > openai/gpt-4o',
    'openai/gpt-4o > ollama/llama3.1',
    'context_unknown',
  ])
})

test('another model of the same provider is reached as the first one is', async () => {
  const asked: string[] = []
  const baseUrl = await server((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      asked.push(`${String(request.headers.authorization)} ${String(/"model":"[^"]*"/.exec(body))}`)
      response
        .writeHead(529, { 'content-type': 'application/json' })
        .end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')
    })
  })
  const cwd = await temporary()
  const agent = new Harnext({
    cwd,
    home: cwd,
    env: {},
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    fallback: ['haiku'],
    apiKey: 'mine',
    baseUrl,
    maxRetries: 0,
  })
  await expect(agent.run('Hi')).rejects.toThrow(/Overloaded/)
  expect(asked).toEqual([
    'Bearer mine "model":"claude-sonnet-5-5"',
    'Bearer mine "model":"claude-haiku-5-5"',
  ])
})

test('an adapter can be given, and what names no provider is refused', async () => {
  const options = await surroundings()
  const adapter = scripted(['By hand.'])
  const agent = new Harnext({ ...options, fallback: [{ adapter, model: 'm' }] })
  expect((await agent.run('Hi')).text).toBe('By hand.')
  for (const [name, message] of [
    ['opnai/gpt-4o', /Did you mean openai/],
    ['no-such-model', /named provider\/model; got "no-such-model"/],
  ] as const) {
    const make = () => new Harnext({ ...options, fallback: [name] })
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  }
})
