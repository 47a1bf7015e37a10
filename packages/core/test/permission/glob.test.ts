import { describe, expect, test } from 'vitest'
import { globOf, globProblem, matchGlob } from '../../src/permission/glob.ts'

const anchors = { roots: ['/ws', '/extra'], home: '/home/u' }

function strict(glob: string, path: string): boolean {
  return matchGlob(glob, path, anchors, true).path
}
function wide(glob: string, path: string): boolean {
  return matchGlob(glob, path, anchors, false).path
}

describe('both ways of reading a glob', () => {
  test.each([
    ['./a.ts', '/ws/a.ts'],
    ['./src/*.ts', '/ws/src/a.ts'],
    ['src/*.ts', '/ws/src/a.ts'],
    ['./src/**', '/ws/src/a/b.ts'],
    ['./**', '/ws/a'],
    ['./', '/ws/a/b'],
    ['src/', '/ws/src/a'],
    ['./**/*.ts', '/ws/a.ts'],
    ['./**/*.ts', '/ws/a/b/c.ts'],
    ['./a/**/z', '/ws/a/z'],
    ['./a/**/b/**/z', '/ws/a/x/b/y/y/z'],
    ['.env', '/ws/.env'],
    ['.env', '/ws/packages/a/.env'],
    ['*.ts', '/ws/src/deep/a.ts'],
    ['**/.env', '/ws/a/.env'],
    ['**', '/ws/a'],
    ['~/notes/**', '/home/u/notes/a'],
    ['/etc/hosts', '/etc/hosts'],
    ['//etc/hosts', '/etc/hosts'],
    ['./a?c', '/ws/abc'],
    ['./a?c', '/ws/a😀c'],
    ['./[a-c]x', '/ws/bx'],
    ['./[!a-c]x', '/ws/dx'],
    ['./[]]x', '/ws/]x'],
    ['./[ab', '/ws/[ab'],
    ['./{a,b}.ts', '/ws/b.ts'],
    ['./{src,test}/**', '/ws/test/a'],
    ['./{a,b/{c,d}}/x', '/ws/b/d/x'],
    ['./{a}.ts', '/ws/{a}.ts'],
    ['./\\*.ts', '/ws/*.ts'],
    ['./app/\\[id\\]/p', '/ws/app/[id]/p'],
    ['./a/../b', '/ws/b'],
    ['../sibling', '/sibling'],
    ['./.*', '/ws/.hidden'],
    ['./*', '/ws/.hidden'],
  ])('%s matches %s', (glob, path) => {
    expect(strict(glob, path)).toBe(true)
    expect(wide(glob, path)).toBe(true)
  })

  test.each([
    ['./a.ts', '/ws/b/a.ts'],
    ['./a.ts', '/ws/a.tsx'],
    ['./src/*.ts', '/ws/src/a/b.ts'],
    ['src/*.ts', '/ws/lib/src/a.ts'],
    ['./src/**', '/ws/srcs/a'],
    ['./**', '/ws2/a'],
    ['.env', '/ws/.env.example'],
    ['~/notes/**', '/home/u2/notes/a'],
    ['/etc/host', '/etc/hosts'],
    ['./a?c', '/ws/a/c'],
    ['./[a-c]x', '/ws/dx'],
    ['./[!a-c]x', '/ws/bx'],
    ['./{a,b}.ts', '/ws/c.ts'],
    ['./\\*.ts', '/ws/a.ts'],
    ['./a*b', '/ws/a/b'],
  ])('%s does not match %s', (glob, path) => {
    expect(strict(glob, path)).toBe(false)
    expect(wide(glob, path)).toBe(false)
  })
})

describe('a rule that allows is read strictly', () => {
  test.each([
    ['./.ENV', '/ws/.env'],
    ['./src/**', '/ws/src'],
    ['./src', '/ws/src/a'],
    ['./a', '/extra/a'],
    ['.env', '/elsewhere/.env'],
    ['**/*.md', '/elsewhere/a.md'],
    ['**', '/elsewhere'],
    ['./a', '/ws/a.'],
  ])('%s does not cover %s', (glob, path) => {
    expect(strict(glob, path)).toBe(false)
    expect(wide(glob, path)).toBe(true)
  })

  test('a tree needs a glob that is open at its end', () => {
    const tree = (glob: string, path: string) => matchGlob(glob, path, anchors, true).tree
    expect(tree('./src/**', '/ws/src')).toBe(true)
    expect(tree('./src/**', '/ws/src/a')).toBe(true)
    expect(tree('./src/', '/ws/src')).toBe(true)
    expect(tree('/**', '/')).toBe(true)
    expect(tree('./src', '/ws/src')).toBe(false)
    expect(tree('./src/*', '/ws/src')).toBe(false)
    expect(tree('./src/**/*.ts', '/ws/src')).toBe(false)
    expect(tree('./src/**', '/ws')).toBe(false)
  })
})

describe('a rule that forbids is read widely', () => {
  test.each([
    ['./.env', '/ws/.ENV'],
    ['./.env', '/ws/.env.'],
    ['./.env', '/ws/.env '],
    ['./.env', '/ws/.e\u200Bnv'],
    ['./.env', '/ws/.ｅnv'],
    ['./caf\u00e9', '/ws/cafe\u0301'],
    ['./secrets', '/ws/secrets/a/b'],
    ['./secrets', '/extra/secrets/a'],
    ['./A/*.TS', '/ws/a/x.ts'],
    ['**/.env*', '/anywhere/.env.'],
    ['secrets', '/anywhere/secrets/k'],
  ])('%s covers %s', (glob, path) => {
    expect(wide(glob, path)).toBe(true)
  })

  test('it knows what may lie below a path', () => {
    const inside = (glob: string, path: string) => matchGlob(glob, path, anchors, false).inside
    expect(inside('./.env', '/ws')).toBe(true)
    expect(inside('./.env', '/')).toBe(true)
    expect(inside('**/.env', '/ws/src')).toBe(true)
    expect(inside('./secrets/**', '/ws/secrets/a')).toBe(true)
    expect(inside('./.env', '/ws/src')).toBe(false)
    expect(inside('~/.ssh/**', '/ws')).toBe(false)
  })
})

test('without a home, ~ is nowhere', () => {
  expect(matchGlob('~/a', '/home/u/a', { roots: ['/ws'] }, false).path).toBe(false)
})

test.each([
  ['', 'the pattern is empty'],
  ['a\0b', 'a path has no NUL'],
  ['~root/x', 'after ~ comes a slash'],
  ['{a,b}'.repeat(9), '{..} gives more than 256 alternatives'],
  ['a'.repeat(5000), 'the pattern is longer than 4096 characters'],
])('%j is no glob', (glob, problem) => {
  expect(globProblem(glob)).toContain(problem)
})

test.each([
  ['/ws/src/a.ts', false, './src/a.ts'],
  ['/ws/app/[id]/{x,y}*?\\', false, './app/\\[id\\]/\\{x\\,y\\}\\*\\?\\\\'],
  ['/home/u/a', false, '~/a'],
  ['/extra/a', false, '/extra/a'],
  ['/ws', false, '.'],
  ['/', false, '/.'],
  ['/ws', true, './**'],
  ['/ws/src', true, './src/**'],
  ['/', true, '/**'],
])('globOf(%s, tree %s) is %s, and matches it', (path, tree, glob) => {
  expect(globOf(path, anchors, tree)).toBe(glob)
  const match = matchGlob(glob, path, anchors, true)
  expect(tree ? match.tree : match.path).toBe(true)
})

test('no pattern makes the match slow', () => {
  const stars = '*a'.repeat(200) + 'b'
  const path = `/ws/${'a'.repeat(2000)}`
  expect(strict(`./${stars}`, path)).toBe(false)
  const deep = `./${'**/a/'.repeat(100)}b`
  expect(strict(deep, `/ws/${'a/'.repeat(500)}c`)).toBe(false)
  expect(globProblem('{'.repeat(4000))).toBeNull()
})
