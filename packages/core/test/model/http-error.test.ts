import { describe, expect, it } from 'vitest'
import { AuthenticationError, ProviderError, RateLimitError } from '../../src/errors.ts'
import { httpError, isOverflow, type HttpFailure } from '../../src/model/http-error.ts'
import { outputLimitIn } from '../../src/model/output-limit.ts'

const now = Date.parse('2026-11-21T10:00:00Z')

function failure(
  status: number | undefined,
  body: unknown,
  headers: Record<string, string> = {},
): ProviderError {
  const given: HttpFailure = {
    provider: 'Vendor',
    ...(status !== undefined && { status }),
    headers: new Headers(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    now,
  }
  return httpError(given)
}
const anthropic = (type: string, message = 'text'): unknown => ({
  type: 'error',
  error: { type, message },
  request_id: 'req_1',
})

describe('kinds', () => {
  it.each([
    [400, 'invalid_request', false],
    [401, 'auth', false],
    [402, 'quota', false],
    [403, 'permission', false],
    [404, 'not_found', false],
    [408, 'timeout', true],
    [409, 'server', true],
    [413, 'overflow', false],
    [418, 'invalid_request', false],
    [422, 'invalid_request', false],
    [429, 'rate_limit', true],
    [500, 'server', true],
    [502, 'server', true],
    [503, 'overloaded', true],
    [504, 'timeout', true],
    [529, 'overloaded', true],
  ])('%d is %s, retryable %s', (status, kind, retryable) => {
    const error = failure(status, 'no JSON')
    expect(error).toMatchObject({ kind, retryable, status, code: `provider_${kind}` })
    expect(error).toBeInstanceOf(ProviderError)
  })

  it.each([
    [
      'max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens for x',
      32_000,
    ],
    [
      'max_tokens is too large: 50000. This model supports at most 16384 completion tokens, ',
      16_384,
    ],
    [
      "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 128000, but got 200000 instead.",
      128_000,
    ],
    [
      'Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive).',
      65_536,
    ],
    ['`max_tokens` must be less than or equal to `8192`, the maximum value for x', 8192],
    ['Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', 8192],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 8192 tokens and your request has 500 input tokens",
      7692,
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (1000 in the messages, 8000 in the completion).",
      7192,
    ],
  ])('%s is about the output', (message, limit) => {
    const error = failure(400, { error: { message } })
    expect(error).toMatchObject({ kind: 'output_limit', retryable: false })
    expect(outputLimitIn(error.message)).toBe(limit)
  })

  it('blames the input where it leaves no room for an answer', () => {
    const message =
      "This model's maximum context length is 8192 tokens. However, you requested 16000 tokens (8000 in the messages, 8000 in the completion)."
    expect(failure(400, { error: { message } }).kind).toBe('overflow')
  })

  it('has classes of its own for keys and limits', () => {
    expect(failure(401, '')).toBeInstanceOf(AuthenticationError)
    expect(failure(403, '')).toBeInstanceOf(AuthenticationError)
    expect(failure(429, '')).toBeInstanceOf(RateLimitError)
    expect(failure(500, '')).not.toBeInstanceOf(AuthenticationError)
  })

  it.each([
    ['prompt is too long: 213462 tokens > 200000 maximum'],
    ['prompt token count of 70123 exceeds the limit of 64000'],
    ['`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens'],
    ['too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.'],
    ['input length and `max_tokens` exceed context limit: 199000 + 20000 > 200000'],
    ['Your input exceeds the context window of this model.'],
    ['the input length exceeds the context length'],
    ["This model's maximum context length is 8192 tokens."],
    ['The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).'],
    ['the request exceeds the available context size, try increasing it'],
    ['Please reduce the length of the messages or completion.'],
    ['Input is too long for requested model.'],
    ['prompt too long; exceeded max context length by 1119046 tokens'],
    ["This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
    ['The number of tokens to keep from the initial prompt is greater than the context length.'],
    ['invalid params, context window exceeds limit'],
    ['Your request exceeded model token limit: 262144'],
  ])('knows an overflow: %s', (message) => {
    expect(isOverflow(message)).toBe(true)
    expect(failure(400, anthropic('invalid_request_error', message)).kind).toBe('overflow')
    expect(failure(undefined, { error: { message } }).kind).toBe('overflow')
  })

  it('knows an overflow by its code, and takes no rate limit for one', () => {
    const error = { error: { message: 'x', code: 'context_length_exceeded' } }
    expect(failure(400, error).kind).toBe('overflow')
    expect(failure(429, anthropic('rate_limit_error', 'prompt is too long')).kind).toBe(
      'rate_limit',
    )
    expect(isOverflow('This request would exceed your rate limit of 30,000 input tokens')).toBe(
      false,
    )
  })

  it.each([
    [429, { error: { code: 'insufficient_quota', message: 'x' } }],
    [
      429,
      {
        error: {
          type: 'rate_limit_error',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      },
    ],
    [
      429,
      {
        error: {
          code: 429,
          details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerModel' }] }],
        },
      },
    ],
    [400, anthropic('invalid_request_error', 'Your credit balance is too low to access the API.')],
    [402, anthropic('billing_error')],
  ])('does not repeat what money is missing for: %d', (status, body) => {
    expect(failure(status, body, { 'retry-after': '5' })).toMatchObject({
      kind: 'quota',
      retryable: false,
    })
  })

  it('repeats where Google names a limit of a minute a quota', () => {
    const message = 'You exceeded your current quota, please check your plan and billing details.'
    const details = (...quotaIds: string[]) => [
      { violations: quotaIds.map((quotaId) => ({ quotaId })) },
    ]
    const body = (...quotaIds: string[]) => ({
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: details(...quotaIds) },
    })
    const minute = 'GenerateContentPaidTierInputTokensPerModelPerMinute'
    expect(failure(429, body(minute))).toMatchObject({ kind: 'rate_limit', retryable: true })
    expect(failure(429, body(minute, 'GenerateRequestsPerDayPerModel'))).toMatchObject({
      kind: 'quota',
      retryable: false,
    })
    expect(failure(429, body())).toMatchObject({ kind: 'quota' })
  })

  it.each([
    ['overloaded_error', 'overloaded', true],
    ['api_error', 'server', true],
    ['rate_limit_error', 'rate_limit', true],
    ['timeout_error', 'timeout', true],
    ['invalid_request_error', 'invalid_request', false],
    ['authentication_error', 'auth', false],
    ['never_seen_before', 'server', true],
  ])('inside of an answer the word %s is %s', (word, kind, retryable) => {
    expect(failure(undefined, anthropic(word))).toMatchObject({
      kind,
      retryable,
      requestId: 'req_1',
    })
    expect(failure(200, anthropic(word)).kind).toBe(kind)
    expect(failure(undefined, anthropic(word)).status).toBeUndefined()
  })

  it('reads the shape of Google, also as a list, with the status from the body', () => {
    const body = { error: { code: 503, message: 'later', status: 'UNAVAILABLE' } }
    expect(failure(undefined, body)).toMatchObject({ kind: 'overloaded', status: 503 })
    expect(failure(503, [body])).toMatchObject({ kind: 'overloaded' })
  })
})

describe('retries', () => {
  it('obeys a server that forbids them, and none that asks to repeat what must fail again', () => {
    expect(failure(500, '', { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(failure(500, '', { 'x-should-retry': 'true' }).retryable).toBe(true)
    expect(failure(401, '', { 'x-should-retry': 'true' }).retryable).toBe(false)
  })

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after-ms': '0', 'retry-after': '1' }, 1000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('waits as %o says', (headers, wait) => {
    expect(failure(429, '', headers as Record<string, string>).retryAfterMs).toBe(wait)
  })

  it('reads the wait that Google puts into the body', () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }
    const body = {
      error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED', details: [info] },
    }
    expect(failure(429, body).retryAfterMs).toBe(34_000)
    expect((failure(429, body) as RateLimitError).retryAfter).toBe(34)
  })
})

describe('what it says', () => {
  it('names the provider, the status, the vendor’s word and the message', () => {
    expect(failure(529, anthropic('overloaded_error', 'Overloaded')).message).toBe(
      'Vendor answered 529 overloaded_error: Overloaded',
    )
  })

  it('takes plain text, a plain string as error, and nothing at all', () => {
    expect(failure(502, ' <html>Bad gateway</html> ').message).toBe(
      'Vendor answered 502: <html>Bad gateway</html>',
    )
    expect(failure(404, { error: 'model "x" not found' }).message).toBe(
      'Vendor answered 404: model "x" not found',
    )
    expect(failure(500, '').message).toBe('Vendor answered 500: no message')
    expect(failure(500, 'x'.repeat(5000)).message.length).toBeLessThan(600)
  })

  it('prefers the request id of the headers', () => {
    expect(failure(500, anthropic('api_error')).requestId).toBe('req_1')
    expect(failure(500, anthropic('api_error'), { 'request-id': 'req_2' }).requestId).toBe('req_2')
    expect(failure(500, '', { 'x-request-id': 'req_3' }).requestId).toBe('req_3')
  })

  it('keeps cause and partial text', () => {
    const cause = new Error('x')
    const error = httpError({ provider: 'Vendor', body: '', now, partial: 'Hel', cause })
    expect(error).toMatchObject({ partial: 'Hel', cause })
  })
})
