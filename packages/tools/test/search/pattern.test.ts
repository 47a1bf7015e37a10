import { describe, expect, test } from 'vitest'
import { parsePattern } from '../../src/search/pattern.ts'

const matches = (pattern: string, line: string): boolean =>
  parsePattern(pattern, false).javascript.test(line)

describe('parsePattern', () => {
  test.each([
    ['foo.bar', 'foo-bar', 'foobar'],
    ['interface{}', 'var x interface{}', 'interface'],
    ['a{2}', 'aa', 'a a'],
    ['a{2,}b', 'aaab', 'ab'],
    ['a{,3}', 'a{,3}', 'aaa'],
    ['}', 'x }', 'x'],
    [']', 'a[0]', 'a'],
    [String.raw`\"\-\_\@`, '"-_@', '"'],
    [String.raw`\bfoo\b`, 'a foo b', 'food'],
    [String.raw`\<foo\>`, 'a foo b', 'food'],
    ['[]a]', 'x]', 'b'],
    ['[^]a]', 'b', ']a'],
    ['[[:alpha:]_]+x', 'a_x', '1x'],
    ['[a&&b]', '&', 'c'],
    [String.raw`[\d\-x]`, '-', 'y'],
    [String.raw`[a\]b]`, ']', 'c'],
    [String.raw`\x41\u0042\u{43}\x{44}`, 'ABCD', 'ABC'],
    [String.raw`\p{Lu}\pL`, 'Éa', 'éa'],
    ['(?<name>a)b', 'ab', 'b'],
    ['(?P<name>a)b', 'ab', 'b'],
    ['(?i)ABC', 'abc', 'ab'],
    ['a(?=b)', 'ab', 'ac'],
    ['(?<!a)b', 'cb', 'ab'],
    [String.raw`(a)\1`, 'aa', 'ab'],
    [String.raw`\Afoo\z`, 'foo', 'a foo'],
    ['^$', '', 'x'],
    ['a.b', 'a😀b', 'ab'],
  ])('%s', (pattern, yes, no) => {
    expect(matches(pattern, yes)).toBe(true)
    expect(matches(pattern, no)).toBe(false)
  })

  test.each([
    ['(', /not a regular expression.*Put \\/],
    ['a**', /not a regular expression/],
    ['[a', /a \[ that nothing closes/],
    ['a\\', /ends in a backslash/],
    ['a\\nb', /line by line/],
    ['a\nb', /line by line/],
    ['\\y', /\\y is not known/],
    ['(?#comment)', /group \(\?#c is not known/],
    ['[[:what:]]', /\[:what:\] is not known/],
    ['[z-a]', /not a regular expression/],
  ])('refuses %j', (pattern, message) => {
    expect(() => parsePattern(pattern, false)).toThrow(message)
  })

  test('has no words for ripgrep where it would mean something else', () => {
    for (const pattern of ['(?=a)', '(?<!a)', '(a)\\1', '\\B', '\\p{Script=Greek}', '[\\D]'])
      expect(parsePattern(pattern, false).rust).toBeNull()
    expect(parsePattern('\\w+\\s', true).rust).toMatch(/^\(\?i\)\[0-9A-Za-z_\]\+\[/)
  })

  test('knows which patterns cannot take long', () => {
    for (const pattern of ['foo', 'foo.*bar', '(a|b)c?', 'a{2}', 'a{,2}b*', '[*+?]+'])
      expect(`${pattern} ${parsePattern(pattern, false).isSimple}`).toBe(`${pattern} true`)
    for (const pattern of ['(a|b)*', 'a*b+', '(a+)+', String.raw`(a.)\1`, '(ab){9}', 'a?b?'])
      expect(`${pattern} ${parsePattern(pattern, false).isSimple}`).toBe(`${pattern} false`)
  })
})
