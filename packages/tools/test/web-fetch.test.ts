import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { PermissionDenied, type Effect } from '@harnext/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { webFetchTool, type WebFetchOptions } from '../src/web-fetch.ts'
import { htmlToMarkdown } from '../src/web/markdown.ts'
import { call, place, type Outcome } from './helpers.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function server(handler: Handler): Promise<string> {
  const made = createServer(handler)
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    made.closeAllConnections()
    made.close()
  })
  return String((made.address() as AddressInfo).port)
}

const page =
  (body: string): Handler =>
  (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(body)
  }

/** Every name leads to the loopback address, and counts as permitted. */
async function fetchPage(
  handler: Handler,
  args: { readonly path?: string; readonly offset?: number; readonly max_length?: number } = {},
  options: WebFetchOptions & { readonly signal?: AbortSignal } = {},
): Promise<Outcome> {
  const port = await server(handler)
  const { workspace } = await place()
  const { path = '/', ...rest } = args
  const { signal, ...given } = options
  const tool = webFetchTool({
    allowLocal: ['site.test'],
    lookup: async () => ['127.0.0.1'],
    ...given,
  })
  return call(tool, { url: `http://site.test:${port}${path}`, ...rest }, workspace, {
    ...(signal && { signal }),
  })
}

describe('web_fetch', () => {
  test('gives a page as Markdown', async () => {
    const outcome = await fetchPage(
      page(
        '<html><head><title>A &amp; B</title><script>x()</script></head><body><h1>Hi</h1><p>See <a href="/docs">the <b>docs</b></a>.</p></body></html>',
      ),
    )
    expect(outcome.isError).toBe(false)
    expect(outcome.text).toMatch(
      /^http:\/\/site\.test:\d+\/ \(text\/html, \d+ bytes\)\n\nA & B\n\n# Hi\n\nSee \[the \*\*docs\*\*\]\(http:\/\/site\.test:\d+\/docs\)\.$/,
    )
    expect(outcome.effects).toEqual([
      { kind: 'network', target: 'site.test', detail: expect.stringContaining('http://site.test') },
    ])
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('unpacks %s', async (encoding, pack) => {
    const outcome = await fetchPage((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Encoding': encoding })
      response.end(pack('packed text'))
    })
    expect(outcome.text).toContain('\n\npacked text')
  })

  test('does not unpack a bomb', async () => {
    const outcome = await fetchPage((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip' })
      response.end(gzipSync(Buffer.alloc(50_000_000, 120)))
    })
    expect(outcome.text).toContain('10.0 MB, cut)')
    expect(outcome.text.length).toBeLessThan(60_000)
  })

  test('gives a long text in parts', async () => {
    const text = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('')
    const handler: Handler = (_request, response) =>
      response.setHeader('Content-Type', 'text/plain').end(text)
    const first = await fetchPage(handler, { max_length: 100 })
    expect(first.text).toContain(`(100 of ${text.length} characters; read on with offset 100)`)
    const last = await fetchPage(handler, { offset: text.length - 8 })
    expect(last.text).toMatch(/\n\nline 99\n$/)
  })

  test('shows images, and says what it cannot show', async () => {
    const image = await fetchPage((_request, response) =>
      response.setHeader('Content-Type', 'image/png').end(Buffer.from([1, 2, 3])),
    )
    expect(image.content).toContainEqual({ type: 'image', mediaType: 'image/png', data: 'AQID' })
    const binary = await fetchPage((_request, response) =>
      response.setHeader('Content-Type', 'application/zip').end('PK'),
    )
    expect(binary).toMatchObject({ isError: true })
    expect(binary.text).toContain('is not text')
  })

  test('takes the encoding of the text', async () => {
    const outcome = await fetchPage((_request, response) =>
      response
        .setHeader('Content-Type', 'text/plain; charset=iso-8859-1')
        .end(Buffer.from('gr\u00fcn', 'latin1')),
    )
    expect(outcome.text).toContain('grün')
  })

  test('an error of the server is one', async () => {
    const outcome = await fetchPage((_request, response) =>
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('no such page'),
    )
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.text).toMatch(/status 404, text\/plain.*no such page/s)
  })

  test('has a limit of time, and can be cancelled', async () => {
    const silent: Handler = () => {}
    expect((await fetchPage(silent, {}, { timeout: 50 })).text).toContain('did not answer in time')
    const aborter = new AbortController()
    const outcome = await fetchPage(() => aborter.abort(), {}, { signal: aborter.signal })
    expect(outcome.text).toBe('Cancelled before it was done.')
  })

  test('says that nobody answers', async () => {
    const { workspace } = await place()
    const tool = webFetchTool({ lookup: () => Promise.reject(new Error('ENOTFOUND')) })
    expect((await call(tool, { url: 'http://nowhere.test/' }, workspace)).text).toBe(
      'There is no host "nowhere.test": its name has no address.',
    )
  })
})

describe('redirects', () => {
  const redirecting =
    (to: string): Handler =>
    (request, response) => {
      if (request.url === '/end') response.setHeader('Content-Type', 'text/plain').end('here')
      else response.writeHead(302, { Location: to }).end()
    }

  test('are followed on one host', async () => {
    expect((await fetchPage(redirecting('/end'), { path: '/start' })).text).toContain('\n\nhere')
  })

  test.each([
    ['http://169.254.169.254/latest', 'private network'],
    ['http://[::1]/', 'private network'],
    ['file:///etc/passwd', 'Only http and https'],
    ['//user:word@site.test/', 'with a name or a password'],
    ['/start', 'more than 10 times'],
  ])('to %s are refused', async (to, why) => {
    const outcome = await fetchPage(redirecting(to), { path: '/start' })
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.text).toContain(why)
  })

  test('to another host are permitted first, each', async () => {
    const asked: (readonly Effect[])[] = []
    const { workspace } = await place()
    const port = await server(redirecting('http://other.test/end'))
    const tool = webFetchTool({
      allowLocal: ['site.test', 'other.test'],
      lookup: async () => ['127.0.0.1'],
    })
    const denied = await call(tool, { url: `http://site.test:${port}/start` }, workspace, {
      authorize: (effects) => {
        asked.push(effects)
        return Promise.reject(new PermissionDenied('web_fetch', 'No.'))
      },
    })
    expect(asked).toEqual([
      [{ kind: 'network', target: 'other.test', detail: 'http://other.test/end' }],
    ])
    expect(denied).toMatchObject({ isError: true, code: 'permission_denied' })
  })

  test('that leave encryption are refused', async () => {
    const { workspace } = await place()
    const tool = webFetchTool({
      lookup: async () => ['93.184.216.34'],
      request: async () => ({
        status: 301,
        location: 'http://site.test/',
        type: '',
        body: new Uint8Array(),
        cut: false,
      }),
    })
    expect((await call(tool, { url: 'https://site.test/' }, workspace)).text).toContain(
      'which is not encrypted',
    )
  })
})

describe('where it does not go', () => {
  const asked: string[] = []
  const tool = webFetchTool({
    lookup: async (host) => (host.endsWith('.public.test') ? ['93.184.216.34'] : ['127.0.0.1']),
    request: async ({ host }) => {
      asked.push(host)
      return { status: 200, type: 'text/plain', body: new Uint8Array(), cut: false }
    },
  })

  test.each([
    'http://127.0.0.1:4096/',
    'http://localhost/admin',
    'http://LOCALHOST./',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://127.1/',
    'http://017700000001/',
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.google.internal/',
    'http://10.0.0.1/',
    'http://172.20.1.1/',
    'https://192.168.1.1/',
    'http://100.64.0.1/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://１２７.0.0.1/',
    'http://255.255.255.255/',
    'http://host.docker.internal/',
    'http://rebind.test/',
    'file:///etc/passwd',
    'ftp://a.public.test/',
    'gopher://a.public.test/',
    'data:text/html,x',
    'javascript:alert(1)',
    'jar:http://a.public.test!/x',
    'https://me:word@a.public.test/',
    'no url',
    'http://evil.test\u0000.a.public.test/',
  ])('%s', async (url) => {
    const { workspace } = await place()
    const outcome = await call(tool, { url }, workspace)
    expect(outcome).toMatchObject({ isError: true, effects: [] })
    expect(asked).toEqual([])
  })

  test('a name whose address changes behind the first look', async () => {
    const { workspace } = await place()
    const answers = [['93.184.216.34'], ['127.0.0.1']]
    const flipping = webFetchTool({ lookup: async () => answers.shift() ?? [] })
    const outcome = await call(flipping, { url: 'http://flip.test/' }, workspace)
    expect(outcome.text).toContain('flip.test (127.0.0.1) is this machine or in a private network')
  })

  test('a name with one address that is not public', async () => {
    const { workspace } = await place()
    const mixed = webFetchTool({ lookup: async () => ['93.184.216.34', '10.0.0.1'] })
    expect((await call(mixed, { url: 'http://mixed.test/' }, workspace)).text).toContain('10.0.0.1')
  })
})

describe('Markdown', () => {
  const base = new URL('https://a.test/dir/page')

  test('of links, images, lists, code and tables', async () => {
    const html = `<main><ul><li>one<li>two</ul><pre><code>a
  b</code></pre><img src="x.png" alt="Pic"><a href="/docs">docs</a>
<table><tr><th>K</th><th>V</th></tr><tr><td>a|b</td><td>1<br>2</td></tr></table></main><form><input></form>`
    expect(await htmlToMarkdown(html, base)).toBe(
      `- one
- two

\`\`\`
a
  b
\`\`\`

![Pic](https://a.test/dir/x.png) [docs](https://a.test/docs)

| K | V |
| --- | --- |
| a\\|b | 1<br>2 |`,
    )
  })

  test('of what is nested beyond reason', async () => {
    const deep = `${'<div>'.repeat(20_000)}text${'</div>'.repeat(20_000)}`
    expect(await htmlToMarkdown(deep, base)).toContain('text')
  })
})
