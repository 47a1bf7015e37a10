import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { webSearchTool, type WebSearchOptions } from '../src/web-search.ts'
import { call, place } from './helpers.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

async function service(answer: unknown, status = 200) {
  const asked: Asked[] = []
  const made = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push({ method: request.method, url: request.url, headers: request.headers, body })
    response.writeHead(status, { Location: '/elsewhere' })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    made.closeAllConnections()
    made.close()
  })
  return { asked, baseUrl: `http://127.0.0.1:${(made.address() as AddressInfo).port}` }
}

async function search(options: WebSearchOptions, args: object) {
  const { workspace } = await place()
  const tool = webSearchTool(options)
  if (!tool) throw new Error('no tool')
  return call(tool, args as never, workspace)
}

const row = { title: 'T', url: 'https://a.test/x', content: 'some  words' }

test('tavily', async () => {
  const { asked, baseUrl } = await service({ results: [row] })
  const outcome = await search(
    { service: 'tavily', apiKey: 'k', baseUrl },
    { query: 'what', allowed_domains: ['a.test'], count: 3 },
  )
  expect(outcome).toMatchObject({
    isError: false,
    text: '1. T\n   https://a.test/x\n   some words',
    effects: [{ kind: 'network', target: '127.0.0.1', detail: 'what' }],
  })
  expect(asked[0]).toMatchObject({ method: 'POST', url: '/search' })
  expect(asked[0]?.headers['authorization']).toBe('Bearer k')
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    query: 'what',
    max_results: 3,
    include_domains: ['a.test'],
  })
})

test('serper', async () => {
  const { asked, baseUrl } = await service({
    organic: [{ title: 'T', link: row.url, snippet: 's' }],
  })
  const outcome = await search(
    { service: 'serper', apiKey: 'k', baseUrl },
    { query: 'what', allowed_domains: ['a.test', 'b.test'], blocked_domains: ['c.test'] },
  )
  expect(outcome.text).toContain('https://a.test/x')
  expect(asked[0]?.headers['x-api-key']).toBe('k')
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    q: 'what (site:a.test OR site:b.test) -site:c.test',
    num: 5,
  })
})

test('brave', async () => {
  const { asked, baseUrl } = await service({ web: { results: [{ ...row, description: 'd' }] } })
  const outcome = await search({ service: 'brave', apiKey: 'k', baseUrl }, { query: 'what' })
  expect(outcome.text).toBe('1. T\n   https://a.test/x\n   d')
  expect(asked[0]).toMatchObject({ method: 'GET', url: '/res/v1/web/search?q=what&count=5' })
  expect(asked[0]?.headers['x-subscription-token']).toBe('k')
})

test('searxng, without a key; domains are held to whatever the service does', async () => {
  const results = [
    row,
    { ...row, url: 'https://evil-a.test/' },
    { ...row, url: 'https://sub.a.test/' },
    { title: 1 },
  ]
  const { asked, baseUrl } = await service({ results })
  const outcome = await search(
    { env: { SEARXNG_URL: `${baseUrl}/sx/` } },
    { query: 'what', allowed_domains: ['a.test'] },
  )
  expect(outcome.text.match(/https:\S+/g)).toEqual(['https://a.test/x', 'https://sub.a.test/'])
  expect(asked[0]?.url).toBe('/sx/search?q=what+site%3Aa.test&format=json')
})

test('there is no tool without a key', () => {
  expect(webSearchTool()).toBeUndefined()
  expect(webSearchTool({ env: { TAVILY_API_KEY: '' } })).toBeUndefined()
  expect(webSearchTool({ env: { BRAVE_API_KEY: 'k' } })?.name).toBe('web_search')
  expect(webSearchTool({ service: 'tavily', env: { BRAVE_API_KEY: 'k' } })).toBeUndefined()
})

test('what goes wrong is said, and a key follows no redirect', async () => {
  const failed = await service('no more calls', 429)
  const options = { service: 'tavily', apiKey: 'k' } as const
  expect((await search({ ...options, baseUrl: failed.baseUrl }, { query: 'what' })).text).toBe(
    'The search failed: 127.0.0.1 answered with status 429: no more calls',
  )
  const redirecting = await service('', 302)
  expect(
    (await search({ ...options, baseUrl: redirecting.baseUrl }, { query: 'what' })).isError,
  ).toBe(true)
  expect(redirecting.asked).toHaveLength(1)
  const broken = await service('<html>')
  expect((await search({ ...options, baseUrl: broken.baseUrl }, { query: 'what' })).text).toContain(
    'gave no JSON',
  )
  const empty = await service({})
  expect((await search({ ...options, baseUrl: empty.baseUrl }, { query: 'what' })).text).toBe(
    'Nothing was found for "what".',
  )
})
