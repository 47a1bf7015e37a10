import { expect, test } from 'vitest'
import * as errors from '../src/errors.ts'
import {
  AuthenticationError,
  BudgetExceeded,
  ConfigError,
  HarnextError,
  MCPConnectionError,
  MaxTurnsExceeded,
  PermissionDenied,
  ProviderError,
  RateLimitError,
  SessionCorrupt,
  SessionLocked,
  SessionNotFound,
  ToolError,
  ValidationError,
  asHarnextError,
  errorFromRecord,
  isErrorRecord,
  isProviderError,
  messageOf,
} from '../src/errors.ts'

const samples = [
  new HarnextError('plain', { code: 'x', retryable: true }),
  new ProviderError('p', {
    kind: 'server',
    status: 503,
    requestId: 'r',
    retryable: true,
    partial: 'half',
  }),
  new ProviderError('p', { kind: 'network' }),
  new AuthenticationError('a', { kind: 'auth', status: 401 }),
  new RateLimitError('slow down', { kind: 'rate_limit', retryAfterMs: 1500, retryable: true }),
  new ToolError('bash', 't'),
  new PermissionDenied('bash', 'no', { rule: 'bash(ls)' }),
  new PermissionDenied('bash', 'no'),
  new MaxTurnsExceeded(7),
  new BudgetExceeded('b', { kind: 'cost', used: 1, limit: 2, needed: 3 }),
  new SessionNotFound('sess_1', '/somewhere'),
  new SessionLocked('sess_1', 'cli 7', '2026-11-21T00:00:00Z'),
  new SessionCorrupt('sess_1', 12, 'bad sum'),
  new MCPConnectionError('files', 'gone'),
  new ConfigError('c'),
  new ValidationError('v', ['$.a: is missing']),
]

test('every class is here once', () => {
  const classes = Object.values(errors).filter(
    (value) => typeof value === 'function' && value.prototype instanceof HarnextError,
  )
  const tested = new Set(samples.map((error) => error.constructor))
  for (const one of classes) expect([one.name, tested.has(one as never)]).toEqual([one.name, true])
})

test.each(samples.map((error) => [error.name, error] as const))(
  '%s comes back from the log as it was',
  (name, error) => {
    const record = JSON.parse(JSON.stringify(error))
    expect(isErrorRecord(record)).toBe(true)
    const back = errorFromRecord(record)
    expect(back).toBeInstanceOf(error.constructor)
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(error))
    expect(back.name).toBe(name)
    const fields = (from: HarnextError) =>
      Object.fromEntries(
        Object.getOwnPropertyNames(from)
          .filter((key) => key !== 'stack')
          .map((key) => [key, from[key as keyof HarnextError]]),
      )
    expect(fields(back)).toEqual(fields(error))
    expect(JSON.parse(JSON.stringify(back))).toEqual(record)
    expect(back.stack).toContain(error.message)
  },
)

test('what only a class knows works on one that came back', () => {
  const back = errorFromRecord(
    new RateLimitError('r', { kind: 'rate_limit', retryAfterMs: 1500 }).toJSON(),
  )
  expect((back as RateLimitError).retryAfter).toBe(1.5)
  expect(new RateLimitError('r', { kind: 'rate_limit' }).retryAfter).toBeUndefined()
  expect(new SessionLocked('s', 'o', 'w').retryable).toBe(true)
})

test('an error of a later release comes back as the base, with its fields; details do not change what it is', () => {
  const back = errorFromRecord({
    name: 'QuotaWeather',
    code: 'weather',
    message: 'rain',
    retryable: false,
    details: { city: 'Bern', code: 'other', retryable: true },
  })
  expect(back).toBeInstanceOf(HarnextError)
  expect(back).toMatchObject({ code: 'weather', retryable: false, message: 'rain', city: 'Bern' })
})

test('errors are recognised across two copies of the module', async () => {
  const again = (file: string) =>
    import(/* @vite-ignore */ new URL(`${file}?copy`, import.meta.url).href)
  const copy: typeof errors = await again('../src/errors.ts')
  const base: typeof import('../src/harnext-error.ts') = await again('../src/harnext-error.ts')
  expect(copy.ProviderError).not.toBe(ProviderError)
  const foreign = new base.HarnextError('x', { code: 'budget_exceeded' })
  expect(foreign).not.toBeInstanceOf(HarnextError)
  expect(HarnextError.is(foreign)).toBe(true)
  expect(asHarnextError(foreign)).toBe(foreign)
  const provider = new copy.ProviderError('x', { kind: 'overloaded', retryable: true })
  expect(provider).not.toBeInstanceOf(ProviderError)
  expect(isProviderError(provider)).toBe(true)
})

test('what is none is not recognised', () => {
  for (const value of [null, undefined, 'x', new Error('x'), {}, { code: 'config' }])
    expect([HarnextError.is(value), isProviderError(value)]).toEqual([false, false])
  expect(isProviderError(new ConfigError('c'))).toBe(false)
  for (const value of [null, 'x', {}, { name: 'x' }, []]) expect(isErrorRecord(value)).toBe(false)
})

test('anything thrown has a message', () => {
  const abort = AbortSignal.abort().reason
  expect(
    [
      new Error('m'),
      new TypeError(''),
      'text',
      7,
      undefined,
      Symbol('s'),
      { message: 'object' },
      {},
      Object.create(null),
      abort,
    ].map(messageOf),
  ).toEqual([
    'm',
    'TypeError',
    'text',
    '7',
    'undefined',
    'Symbol(s)',
    'object',
    '[object Object]',
    '[object Object]',
    'This operation was aborted',
  ])
  const wrapped = asHarnextError(new TypeError('odd'))
  expect([wrapped.code, wrapped.message, (wrapped.cause as Error).name]).toEqual([
    'internal',
    'odd',
    'TypeError',
  ])
})
