import { describe, expect, it } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import { requestHeads, type MakeRequest } from '../../src/model/request-head.ts'

describe('requestHeads', () => {
  it('asks once for each kind of request, and adapts what the SDK found in the environment', async () => {
    const asked: string[] = []
    const headOf = requestHeads({
      provider: 'Acme',
      adapt: (headers) => headers.delete('x-found-in-environment'),
    })
    const make =
      (path: string): MakeRequest =>
      (fetch) => {
        asked.push(path)
        const headers = { 'X-Found-In-Environment': '1', Accept: 'text/plain', authorization: 'k' }
        return fetch(new URL(path, 'http://acme.test'), { method: 'POST', headers })
      }
    const first = await headOf('chat', make('/chat'))
    expect(first).toEqual({
      url: 'http://acme.test/chat',
      method: 'POST',
      headers: [
        ['accept', 'text/plain'],
        ['authorization', 'k'],
      ],
    })
    expect(await headOf('chat', make('/chat'))).toBe(first)
    expect((await headOf('list', make('/list'))).url).toBe('http://acme.test/list')
    expect(asked).toEqual(['/chat', '/list'])
  })

  it('says why an SDK makes no request, and asks again the next time', async () => {
    const headOf = requestHeads({ provider: 'Acme' })
    const failure = await headOf('chat', () => Promise.reject(new Error('no such model'))).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ProviderError)
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: false })
    expect(String(failure)).toContain('Acme could not be made: no such model')
    await expect(headOf('chat', () => Promise.resolve())).rejects.toThrow('no request was made')
    const head = await headOf('chat', (fetch) => fetch('http://acme.test/'))
    expect(head).toEqual({ url: 'http://acme.test/', method: 'GET', headers: [] })
  })
})
