import { describe, expect, test } from 'vitest'
import { compileGlob, expandBraces } from '../../src/tree/path-pattern.ts'

const matches = (pattern: string, path: string): boolean =>
  compileGlob(pattern).matches(path.split('/'))

describe('compileGlob', () => {
  test.each([
    ['*.ts', ['a.ts', 'src/a.ts', 'src/deep/.a.ts'], ['a.tsx', 'a.ts/b']],
    ['./*.ts', ['a.ts'], ['src/a.ts']],
    ['/*.ts', ['a.ts'], ['src/a.ts']],
    ['src/*.ts', ['src/a.ts'], ['a.ts', 'src/b/a.ts', 'x/src/a.ts']],
    ['src/**/*.ts', ['src/a.ts', 'src/b/a.ts', 'src/b/c/a.ts'], ['a.ts', 'srcs/a.ts']],
    ['**/*.test.ts', ['a.test.ts', 'b/a.test.ts'], ['a.ts']],
    ['**/test/**', ['test/a', 'x/test/a/b'], ['testing/a', 'a']],
    ['src/', ['src/a', 'src/b/c'], ['src', 'a/src/b']],
    ['a?c', ['abc', 'x/a😀c'], ['ac', 'abbc']],
    ['[a-c]*', ['apple', 'x/cat'], ['dog', 'x/dog']],
    ['[!a-c]x', ['dx'], ['ax']],
    ['[]x]', [']', 'x'], ['a']],
    ['[ab', ['[ab'], ['a']],
    ['\\*', ['*'], ['a']],
    ['*.{ts,tsx}', ['a.ts', 'b/a.tsx'], ['a.js']],
    ['{src,test}/**/*.ts', ['src/a.ts', 'test/b/a.ts'], ['a.ts', 'lib/a.ts']],
    ['{a,b/c}.md', ['a.md', 'x/a.md', 'b/c.md'], ['x/b/c.md']],
    ['a{b', ['a{b'], ['ab']],
    ['{a}', ['{a}'], ['a']],
    ['**', ['a', 'a/b'], []],
    ['.github/**', ['.github/a/b.yml'], ['github/a']],
  ])('%s', (pattern, yes, no) => {
    for (const path of yes) expect(`${path} ${matches(pattern, path)}`).toBe(`${path} true`)
    for (const path of no) expect(`${path} ${matches(pattern, path)}`).toBe(`${path} false`)
  })

  test('knows which folders may hold a match', () => {
    const { mayHold } = compileGlob('{src/a,lib}/**/*.ts')
    expect(mayHold(['src'])).toBe(true)
    expect(mayHold(['src', 'a', 'x'])).toBe(true)
    expect(mayHold(['lib', 'x'])).toBe(true)
    expect(mayHold(['src', 'b'])).toBe(false)
    expect(mayHold(['other'])).toBe(false)
    expect(compileGlob('*.ts').mayHold(['any', 'where'])).toBe(true)
  })

  test('says what makes no sense', () => {
    expect(() => compileGlob('../*.ts')).toThrow('put the folder into path')
    expect(() => compileGlob('/')).toThrow('empty')
    expect(() => compileGlob('{a,b}'.repeat(20))).toThrow('more than 1000 alternatives')
  })

  test('takes no time for hard patterns', () => {
    const { matches: hard } = compileGlob(`${'*a'.repeat(50)}b`)
    const { matches: deep } = compileGlob(`${'**/a/'.repeat(50)}b`)
    const begin = performance.now()
    expect(hard(['a'.repeat(250)])).toBe(false)
    expect(deep(Array<string>(200).fill('a'))).toBe(false)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

test('expandBraces knows nesting and escapes', () => {
  expect(expandBraces('a{b,c{d,e}}f').toSorted()).toEqual(['abf', 'acdf', 'acef'])
  expect(expandBraces('\\{a,b}')).toEqual(['\\{a,b}'])
  expect(expandBraces('{,x}')).toEqual(['', 'x'])
})
