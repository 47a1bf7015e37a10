import { describe, expect, test } from 'vitest'
import { PrintableDecoder, printable } from '../../src/shell/printable.ts'

describe('printable', () => {
  test.each([
    ['\x1b[1;31mred\x1b[m', 'red'],
    ['\x1b[2K\x1b[1Gagain', 'again'],
    ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b(Bplain\x1b7\x1b8', 'plain'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['a\0b\x07c\x7fd', 'a␀b␇c␡d'],
    ['\x9b31m', '\uFFFD31m'],
    ['a\tb\n', 'a\tb\n'],
    ['lone \x1b', 'lone ␛'],
  ])('%j', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  test('gives the same whatever the pieces', () => {
    const text = 'a\r\n\x1b[31mred\x1b[0m\r\x1b]0;title\x07grün 😀\x1b]8;;u\x1b\\l\x1b(B\rend'
    const bytes = new TextEncoder().encode(text)
    const whole = new PrintableDecoder()
    const expected = whole.add(bytes) + whole.finish()
    expect(expected).toBe('a\nred\ngrün 😀l\nend')
    for (let size = 1; size < bytes.length; size++) {
      const decoder = new PrintableDecoder()
      let result = ''
      for (let start = 0; start < bytes.length; start += size)
        result += decoder.add(bytes.subarray(start, start + size))
      expect(result + decoder.finish()).toBe(expected)
    }
  })

  test('does not wait for ever for the end of a sequence', () => {
    const decoder = new PrintableDecoder()
    const flood = new TextEncoder().encode(`\x1b]0;${'x'.repeat(100_000)}`)
    expect(decoder.add(flood).length).toBeGreaterThan(90_000)
  })
})
