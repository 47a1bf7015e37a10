import { describe, expect, it } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import { requestSender, type MakeRequest } from '../../src/model/request-sender.ts'

const signal = new AbortController().signal

/** What was sent, and how it is answered. */
function transport(answer: () => Promise<Response>) {
  const sent: { url: string; method: string; headers: unknown; body: unknown }[] = []
  const fetch: typeof globalThis.fetch = (input, init = {}) => {
    const { method = '', headers, body } = init
    sent.push({
      url: input instanceof Request ? input.url : input.toString(),
      method,
      headers,
      body,
    })
    return answer()
  }
  return { sent, fetch }
}

describe('requestSender', () => {
  it('asks the SDK once for each kind, and takes out what it found in the environment', async () => {
    const { sent, fetch } = transport(async () => new Response('ok'))
    const send = requestSender({
      provider: 'Acme',
      fetch,
      adapt: (headers) => headers.delete('x-found-in-environment'),
    })
    const asked: string[] = []
    const post =
      (path: string): MakeRequest =>
      (seam) => {
        asked.push(path)
        const headers = { 'X-Found-In-Environment': '1', Accept: 'text/plain', authorization: 'k' }
        return seam(new URL(path, 'http://acme.test'), { method: 'POST', headers })
      }
    const body = new Uint8Array([1])
    await send({ kind: 'chat', make: post('/chat'), body, signal })
    await send({ kind: 'chat', make: post('/chat'), body, signal })
    await send({ kind: 'list', make: (seam) => seam('http://acme.test/list'), signal })
    expect(asked).toEqual(['/chat'])
    const headers = [
      ['accept', 'text/plain'],
      ['authorization', 'k'],
    ]
    const chat = { url: 'http://acme.test/chat', method: 'POST', headers, body }
    const list = { url: 'http://acme.test/list', method: 'GET', headers: [], body: undefined }
    expect(sent).toEqual([chat, chat, list])
  })

  it('sends by the transport of the call', async () => {
    const ours = transport(async () => new Response('ours'))
    const theirs = transport(async () => new Response('theirs'))
    const send = requestSender({ provider: 'Acme', fetch: ours.fetch })
    const request = { kind: 'chat', make: (seam: typeof fetch) => seam('http://acme.test'), signal }
    expect(await (await send({ ...request, fetch: theirs.fetch })).text()).toBe('theirs')
    expect(ours.sent).toEqual([])
  })

  it('says why an SDK makes no request, and asks again the next time', async () => {
    const { fetch } = transport(async () => new Response('ok'))
    const send = requestSender({ provider: 'Acme', fetch })
    const none = () => Promise.reject(new Error('no such model'))
    const failure: unknown = await send({ kind: 'chat', make: none, signal }).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ProviderError)
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: false })
    expect(String(failure)).toContain('Acme could not be made: no such model')
    const silent = send({ kind: 'chat', make: () => Promise.resolve(), signal })
    await expect(silent).rejects.toThrow('no request was made')
    const later = send({ kind: 'chat', make: (seam) => seam('http://acme.test'), signal })
    expect((await later).ok).toBe(true)
  })

  it('makes errors of broken connections and of failures', async () => {
    const make: MakeRequest = (seam) => seam('http://acme.test')
    const broken = requestSender({
      provider: 'Acme',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    await expect(broken({ kind: 'chat', make, signal })).rejects.toMatchObject({ kind: 'network' })
    const limited = requestSender({
      provider: 'Acme',
      fetch: async () =>
        new Response('{"error":{"message":"slow down"}}', {
          status: 429,
          headers: { 'retry-after': '2' },
        }),
    })
    await expect(limited({ kind: 'chat', make, signal })).rejects.toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 2000,
    })
  })
})
