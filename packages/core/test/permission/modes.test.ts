import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { isLooser, normaliseMode } from '../../src/permission/modes.ts'

test.each([
  ['plan', 'plan'],
  ['manual', 'manual'],
  ['default', 'manual'],
  ['accept_edits', 'accept_edits'],
  ['acceptEdits', 'accept_edits'],
  ['auto', 'auto'],
  ['bypass', 'bypass'],
  ['yolo', 'bypass'],
  ['bypassPermissions', 'bypass'],
])('%s is %s', (name, mode) => {
  expect(normaliseMode(name)).toBe(mode)
})

test.each(['', 'Plan', 'dontAsk', '__proto__', 'constructor', 'bypas'])(
  '%j is not a mode',
  (name) => {
    expect(() => normaliseMode(name)).toThrow(ConfigError)
  },
)
test('the message helps', () => {
  expect(() => normaliseMode('bypas')).toThrow(
    'There is no permission mode "bypas"; did you mean bypass? Modes are plan, manual (default), accept_edits (acceptEdits), auto and bypass (yolo, bypassPermissions).',
  )
})
test('modes have an order', () => {
  expect(isLooser('manual', 'plan')).toBe(true)
  expect(isLooser('bypass', 'auto')).toBe(true)
  expect(isLooser('plan', 'plan')).toBe(false)
  expect(isLooser('plan', 'auto')).toBe(false)
})
