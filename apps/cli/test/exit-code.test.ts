import {
  AuthenticationError,
  ConfigError,
  HarnextError,
  ProviderError,
  SessionCorrupt,
  SessionLocked,
  SessionNotFound,
  type RunStopReason,
  type ToolStep,
} from '@harnext/core'
import { expect, test } from 'vitest'
import { exitCodeOf } from '../src/exit-code.ts'

const step = (status: ToolStep['status']): ToolStep => ({
  id: '1',
  tool: 'bash',
  args: {},
  status,
  output: '',
  durationMs: 0,
})

test.each<[RunStopReason, HarnextError | undefined, ToolStep['status'][], number]>([
  ['complete', undefined, [], 0],
  ['complete', undefined, ['ok', 'error'], 0],
  ['complete', undefined, ['ok', 'denied', 'ok'], 7],
  ['paused', undefined, [], 7],
  ['length', undefined, ['denied'], 1],
  ['refused', undefined, [], 1],
  ['error', new ProviderError('x', { kind: 'server' }), ['denied'], 1],
  ['error', new AuthenticationError('x', { kind: 'auth' }), [], 1],
  ['error', new HarnextError('The disk is full.', { code: 'session_write' }), [], 1],
  ['error', undefined, [], 1],
  ['error', new ConfigError('x'), ['denied'], 2],
  ['error', new SessionLocked('sess_1', 'somebody', 'now'), [], 2],
  ['error', new SessionNotFound('sess_1', 'here'), [], 2],
  ['error', new SessionCorrupt('sess_1', 3, 'x'), [], 2],
  ['max_turns', new HarnextError('x'), ['denied'], 8],
  ['budget', new HarnextError('x'), ['denied'], 9],
  ['cancelled', undefined, ['denied'], 130],
])('4 %s with %s and %j exits %i', (stopReason, error, steps, code) => {
  expect(exitCodeOf({ stopReason, steps: steps.map(step), ...(error && { error }) })).toBe(code)
})

test('an answer whose checks fail exits 1, one that could not be checked 7', () => {
  const steps = [step('ok')]
  expect(exitCodeOf({ stopReason: 'complete', steps, verification: 'passed' })).toBe(0)
  expect(exitCodeOf({ stopReason: 'complete', steps, verification: 'failed' })).toBe(1)
  expect(exitCodeOf({ stopReason: 'complete', steps, verification: 'unverified' })).toBe(7)
  expect(exitCodeOf({ stopReason: 'max_turns', steps, verification: 'failed' })).toBe(8)
})
