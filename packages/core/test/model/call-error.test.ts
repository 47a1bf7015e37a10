import { describe, expect, it } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import { callError, responseError } from '../../src/model/call-error.ts'

const { signal } = new AbortController()
const call = { provider: 'Acme', signal, partial: 'so far' }

describe('callError', () => {
  it('is cancelled after an abort, whatever was thrown', () => {
    const error = callError(new TypeError('x'), { ...call, signal: AbortSignal.abort('enough') })
    expect(error).toMatchObject({ kind: 'cancelled', retryable: false, partial: 'so far' })
    expect(error.cause).toBe('enough')
  })

  it('leaves a ProviderError as it is', () => {
    const error = new ProviderError('x', { kind: 'server' })
    expect(callError(error, call)).toBe(error)
  })

  it('is protocol for what cannot be parsed', () => {
    const error = callError(new SyntaxError('Unexpected token'), call)
    expect(error).toMatchObject({ kind: 'protocol', retryable: false, partial: 'so far' })
  })

  it('says why a connection failed', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = callError(new TypeError('fetch failed', { cause }), call)
    expect(error).toMatchObject({ kind: 'network', retryable: true })
    expect(error.message).toBe('The connection to Acme failed: fetch failed: connect ECONNREFUSED')
    expect(callError(new Error('Connection timed out'), call).kind).toBe('timeout')
  })
})

describe('responseError', () => {
  it('has what the answer says', async () => {
    const response = new Response('{"error":{"message":"slow down"}}', {
      status: 429,
      headers: { 'retry-after': '2' },
    })
    expect(await responseError('Acme', response)).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 2000,
      message: 'Acme answered 429: slow down',
    })
  })
})
