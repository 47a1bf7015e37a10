import { getEventListeners, once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import {
  createBrotliCompress,
  createDeflate,
  createDeflateRaw,
  createGzip,
  gzipSync,
} from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nodeFetch } from '../../src/transport/node-fetch.ts'
import { serve } from './server.ts'

const decode = (chunk: Uint8Array): string => new TextDecoder().decode(chunk)

async function closed(socket: Socket | undefined): Promise<void> {
  if (socket && !socket.destroyed) await once(socket, 'close')
}

async function collect(response: Response): Promise<string> {
  let text = ''
  for await (const chunk of response.body ?? []) text += decode(chunk)
  return text
}

describe('what is sent', () => {
  it('sends a view of bytes, and answers with status, headers and text', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(201, 'Made', {
        'content-type': 'text/plain',
        'set-cookie': ['a=1', 'b=2'],
      })
      request.pipe(response)
    })
    const bytes = new TextEncoder().encode('xxgrüßexx')
    const headers = { 'x-one': '1' }
    const init = { method: 'POST', body: bytes.subarray(2, -2), headers }
    const response = await nodeFetch()(`${url}/path?query`, init)
    expect([response.status, response.statusText, response.ok]).toEqual([201, 'Made', true])
    expect(response.url).toBe(`${url}/path?query`)
    expect(response.headers.get('Content-Type')).toBe('text/plain')
    expect(response.headers.get('set-cookie')).toBe('a=1, b=2')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(new Headers(response.headers).has('content-type')).toBe(true)
    expect(response.headers.has('x-none')).toBe(false)
    expect(await response.text()).toBe('grüße')
  })

  it('gives the length of the body, the headers of the caller, and the ones that it stands for', async () => {
    const { url } = await serve((request, response) =>
      response.end(JSON.stringify(request.headers)),
    )
    const init = {
      method: 'POST',
      body: 'é',
      headers: new Headers({ 'X-Key': 'k', accept: 'a/b' }),
    }
    expect(await (await nodeFetch()(url, init)).json()).toMatchObject({
      'content-length': '2',
      'x-key': 'k',
      accept: 'a/b',
      'user-agent': 'node',
      'accept-encoding': 'gzip, deflate, br',
    })
  })

  it('leaves to the platform what it does not send itself', async () => {
    const { url } = await serve((request, response) => request.pipe(response))
    const body = new Blob(['of a blob'])
    expect(await (await nodeFetch()(url, { method: 'POST', body })).text()).toBe('of a blob')
    expect(await (await nodeFetch()('data:text/plain,inline')).text()).toBe('inline')
    const request = new Request(url, { method: 'PUT', body: 'of a request' })
    expect(await (await nodeFetch()(request)).text()).toBe('of a request')
  })
})

describe('the body of an answer', () => {
  it('comes chunk by chunk as the network brings it', async () => {
    const { promise: go, resolve } = Promise.withResolvers<void>()
    const { url } = await serve((_request, response) => {
      response.write('first')
      void go.then(() => response.end('second'))
    })
    const chunks = (await nodeFetch()(url)).body?.[Symbol.asyncIterator]()
    expect(decode((await chunks?.next())?.value ?? new Uint8Array())).toBe('first')
    resolve()
    expect(decode((await chunks?.next())?.value ?? new Uint8Array())).toBe('second')
    expect(await chunks?.next()).toEqual({ done: true, value: undefined })
  })

  it('can be read by a reader, a clone and a pipe too', async () => {
    const { url } = await serve((_request, response) => response.end('whole'))
    const response = await nodeFetch()(url)
    const copy = response.clone()
    const piped = copy.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(await piped?.read()).toEqual({ done: false, value: 'whole' })
    expect(decode((await response.body?.getReader().read())?.value ?? new Uint8Array())).toBe(
      'whole',
    )
  })

  it('is null where there is none', async () => {
    const { url, sockets } = await serve((_request, response) => response.writeHead(204).end())
    const send = nodeFetch()
    expect((await send(url)).body).toBeNull()
    await tick()
    expect((await send(url)).status).toBe(204)
    expect(sockets.length).toBe(1)
  })

  it.each([
    ['gzip', createGzip],
    ['br', createBrotliCompress],
    ['deflate', createDeflate],
    ['deflate', createDeflateRaw],
  ] as const)('is decompressed as it comes: %s', async (coding, create) => {
    const { promise: go, resolve } = Promise.withResolvers<void>()
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding })
      const encoder = create()
      encoder.pipe(response)
      encoder.write('first ')
      encoder.flush(() => void go.then(() => encoder.end('second')))
    })
    const response = await nodeFetch()(url)
    const chunks = response.body?.[Symbol.asyncIterator]()
    expect(decode((await chunks?.next())?.value ?? new Uint8Array())).toBe('first ')
    resolve()
    expect(decode((await chunks?.next())?.value ?? new Uint8Array())).toBe('second')
    expect((await chunks?.next())?.done).toBe(true)
  })

  it('is an error where the connection breaks in its middle, however it was sent', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/length') response.setHeader('content-length', 100)
      if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip')
      const bytes = request.url === '/gzip' ? gzipSync('x'.repeat(9999)).subarray(0, 20) : 'part'
      response.write(bytes, () => response.destroy())
    })
    for (const path of ['/chunked', '/length', '/gzip'])
      await expect(nodeFetch()(url + path).then(collect)).rejects.toThrow('terminated')
    const response = await nodeFetch()(`${url}/chunked`)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('is an error where a compressed one ends too early on a connection that is whole', async () => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync('x'.repeat(9999)).subarray(0, 20))
    })
    await expect(nodeFetch()(url).then(collect)).rejects.toThrow('terminated')
  })

  it('closes the connection when its reader leaves', async () => {
    const { url, sockets } = await serve((_request, response) => response.write('endless'))
    const response = await nodeFetch()(url)
    for await (const chunk of response.body ?? []) {
      expect(decode(chunk)).toBe('endless')
      break
    }
    await closed(sockets[0])
    const other = await nodeFetch()(url)
    await other.body?.cancel()
    await closed(sockets[1])
  })
})

describe('connections', () => {
  it('are used again, and closed when nobody uses them', async () => {
    const { url, sockets } = await serve((_request, response) => response.end('ok'))
    const send = nodeFetch({ idleMs: 50 })
    for (let count = 0; count < 5; count++) await (await send(url)).text()
    expect(sockets.length).toBe(1)
    await closed(sockets[0])
  })

  it('that cannot be made reject as fetch does', async () => {
    const { url } = await serve(() => {})
    const nobody = url.replace(/\d+$/, '1')
    await expect(nodeFetch()(nobody)).rejects.toThrow(
      expect.objectContaining({
        message: 'fetch failed',
        cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
      }),
    )
  })

  it('leave no listener and no socket behind over a thousand calls', async () => {
    const { url, sockets } = await serve((_request, response) => response.end('ok'))
    const send = nodeFetch()
    const { signal } = new AbortController()
    for (let count = 0; count < 1000; count++)
      await (await send(url, { method: 'POST', body: 'x', signal })).text()
    expect(getEventListeners(signal, 'abort').length).toBe(0)
    expect(sockets.length).toBe(1)
  })
})

describe('abort', () => {
  it('rejects with its reason before the answer, and closes the connection', async () => {
    const { url, sockets } = await serve(() => aborter.abort(reason))
    const aborter = new AbortController()
    const reason = new Error('enough')
    await expect(nodeFetch()(url, { signal: aborter.signal })).rejects.toBe(reason)
    await closed(sockets[0])
    await expect(nodeFetch()(url, { signal: aborter.signal })).rejects.toBe(reason)
    expect(sockets.length).toBe(1)
    expect(getEventListeners(aborter.signal, 'abort').length).toBe(0)
  })

  it.each([undefined, 'gzip'])('rejects in the middle of a body (%s)', async (coding) => {
    const { url, sockets } = await serve((_request, response) => {
      if (!coding) return void response.write('begun')
      const encoder = createGzip()
      response.setHeader('content-encoding', coding)
      encoder.pipe(response)
      encoder.write('begun')
      encoder.flush()
    })
    const aborter = new AbortController()
    const response = await nodeFetch()(url, { signal: aborter.signal })
    const chunks = response.body?.[Symbol.asyncIterator]()
    expect(decode((await chunks?.next())?.value ?? new Uint8Array())).toBe('begun')
    const reason = new Error('enough')
    aborter.abort(reason)
    await expect(chunks?.next()).rejects.toBe(reason)
    await closed(sockets[0])
    expect(getEventListeners(aborter.signal, 'abort').length).toBe(0)
  })
})

describe('redirects', () => {
  it('are followed to the same server, with method and body', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/from') return void response.writeHead(307, { location: '/to' }).end()
      response.setHeader('x-method', request.method ?? '')
      request.pipe(response)
    })
    const response = await nodeFetch()(`${url}/from`, { method: 'POST', body: 'kept' })
    expect([response.redirected, response.url]).toEqual([true, `${url}/to`])
    expect(response.headers.get('x-method')).toBe('POST')
    expect(await response.text()).toBe('kept')
  })

  it('are refused where they would change the request, lead elsewhere, or never end', async () => {
    const other = await serve((_request, response) => response.end('the key came here'))
    const { url } = await serve((request, response) => {
      const [, status, location = request.url] = request.url?.split('!') ?? []
      response.writeHead(Number(status), { location: location ?? '' }).end()
    })
    const send = nodeFetch()
    const causeOf = (path: string, init: RequestInit = { method: 'POST', body: 'x' }) =>
      send(`${url}/${path}`, init).then(
        () => 'no error',
        ({ cause }: Error) => (cause as Error).message,
      )
    expect(await causeOf(`!307!${other.url}`)).toContain('which is not followed')
    expect(await causeOf('!303!/elsewhere')).toContain('which is not followed')
    expect(await causeOf('!307', { method: 'GET' })).toContain('more than 5 redirects')
    expect(await causeOf('!307!/', { redirect: 'error' })).toContain('which is not followed')
    expect((await send(`${url}/!307!/`, { redirect: 'manual' })).status).toBe(307)
    expect(other.sockets.length).toBe(0)
  })
})
