import { expect, test } from 'vitest'
import { visible } from '../../src/text/visible.ts'

const codes = [
  ...Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 9 && code !== 10),
  0x7f,
  0x80,
  0x9b,
  0x9f,
  0xad,
  0x200b,
  0x200e,
  0x200f,
  0x2028,
  0x202a,
  0x202e,
  0x2060,
  0x2066,
  0x2069,
  0xfeff,
  0xe0001,
  0xe0020,
  0xe0041,
  0xe007f,
  0xe0100,
  0xe01ef,
]

test.each(codes)('the character %d is seen', (code) => {
  const char = String.fromCodePoint(code)
  const shown = visible(`a${char}b`)
  expect(shown).not.toContain(char)
  expect(shown).toMatch(/^a(?:[\u2400-\u2421]|<U\+[0-9A-F]{4,5}>)b$/)
})

test('a joiner is seen where nothing is joined', () => {
  expect(visible('pay\u200Dload, a\u200Cb')).toBe('pay<U+200D>load, a<U+200C>b')
})

test('what is written with joiners and selectors stays as it is', () => {
  for (const text of ['👩‍👩‍👧 ❤️ 👋🏽', 'می‌خواهم', 'क्‍ष', 'Grüße\tan 日本\n', 'שלום'])
    expect(visible(text)).toBe(text)
})

test('line ends', () => {
  expect(visible('a\r\nb\rc')).toBe('a\nb␍c')
})
