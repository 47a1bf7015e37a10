import { expect, test } from 'vitest'
import { toJson } from '../../src/render/json.ts'
import { isColoured, styleFor } from '../../src/render/style.ts'
import { costText, countText, durationText, plural } from '../../src/render/units.ts'
import { visible, visibleExactly, visibleLine } from '../../src/render/visible.ts'
import { fakeIo } from '../fake-io.ts'

/** Every character that a terminal obeys or that turns the direction of writing, and those around them. */
const everything = Array.from({ length: 0x20_80 }, (_, code) => String.fromCharCode(code)).join('')

test('nothing that drives a terminal gets through, but line ends and tabs', () => {
  // oxlint-disable-next-line no-control-regex -- this is what it is about
  const dangerous = /[\0-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/
  expect(visible(everything)).not.toMatch(dangerous)
  expect(visibleExactly(everything)).not.toMatch(/[\n\t]/)
  expect(toJson(everything)).not.toMatch(dangerous)
  expect(JSON.parse(toJson(everything))).toBe(everything)
})

test('what is harmless stays as it is', () => {
  const text = 'Grüße\tan 日本 👋🏽\nשלום'
  expect(visible(text)).toBe(text)
  expect(visible('a\r\nb\rc')).toBe('a\nb␍c')
  expect(visible('\u001B[31mred\u007F\u009B')).toBe('␛[31mred␡<U+009B>')
})

test('one line', () => {
  expect(visibleLine('  a\n\n b\tc ', 80)).toBe('a b c')
  expect(visibleLine('abcdef', 4)).toBe('abc…')
  expect(visibleLine(`a${' '.repeat(100)}b`, 10)).toBe('a…')
})

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
])('with %j on a terminal: %s, colour is %s', (env, isTerminal, expected) => {
  expect(isColoured(fakeIo({ isTerminal }).stdout, env)).toBe(expected)
})

test('colour is around the text, and the text has none of its own', () => {
  const style = styleFor(fakeIo().stdout, { FORCE_COLOR: '1' })
  expect(style.red('a\u001B[0m')).toBe('\u001B[31ma␛[0m\u001B[39m')
})

test('numbers', () => {
  expect([0, 999, 1000, 1234567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect([plural(1, 'turn'), plural(2, 'turn')]).toEqual(['1 turn', '2 turns'])
  expect([0, 440, 9940, 9960, 59_400, 59_600, 125_000].map(durationText)).toEqual([
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '2 min 5 s',
  ])
  expect([costText(null), costText(0.01234)]).toEqual(['cost unknown', '$0.0123'])
})
