import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { parseGitignore } from '../../src/tree/gitignore.ts'
import { place } from '../helpers.ts'

const rules = [
  '# comment',
  '',
  '*.log',
  '!keep.log',
  '/top',
  'folder/',
  'a/b',
  'deep/**/end',
  '**/any',
  'inside/**',
  '**/x/y',
  '\\#literal',
  '\\!literal',
  'space\\ ',
  'trail   ',
  'te?t',
  '[abc].txt',
  '[!abc].md',
  'dir/*',
  '!dir/kept',
  'one/*/three',
  '*.tmp/',
  '**foo',
  'brace{a,b}',
]
const paths = [
  'a.log',
  'keep.log',
  'x/keep.log',
  'x/a.log',
  'top',
  'x/top',
  'folder',
  'x/folder',
  'a/b',
  'x/a/b',
  'a/b/c',
  'deep/end',
  'deep/1/end',
  'deep/1/2/end',
  'any',
  'x/y/any',
  'inside',
  'inside/x',
  'x/inside/x',
  'x/y',
  'q/x/y',
  '#literal',
  '!literal',
  'space ',
  'trail',
  'trail   ',
  'test',
  'text',
  'tet',
  'a.txt',
  'd.txt',
  'a.md',
  'd.md',
  'dir',
  'dir/x',
  'dir/kept',
  'x/dir/x',
  'one/two/three',
  'one/two/2/three',
  'a.tmp',
  'afoo',
  'foo',
  'q/bfoo',
  'bracea',
  'brace{a,b}',
  'comment',
]

/** With a slash behind it, git takes `dir` for something that `dir/*` matches; the folder on the disk it does not. */
const folders = paths.filter((path) => path !== 'dir' && path !== 'inside')

describe('parseGitignore', () => {
  test('says what git says', async ({ skip }) => {
    if (spawnSync('git', ['--version']).error) skip('git is not here')
    const { root } = await place({ '.gitignore': rules.join('\n') })
    execFileSync('git', ['init', '-q'], { cwd: root })
    const git = spawnSync('git', ['check-ignore', '--no-index', '--stdin', '-z'], {
      cwd: root,
      input: [...paths, ...folders.map((path) => `${path}/`)].join('\0'),
    })
    const ignoredByGit = new Set(git.stdout.toString().split('\0').filter(Boolean))
    const parsed = parseGitignore(rules.join('\n'))
    // An entry is ignored too when a folder above it is.
    const ignores = (path: string, isFolder: boolean): boolean =>
      path
        .split('/')
        .some((_, index, names) =>
          parsed(names.slice(0, index + 1), isFolder || index < names.length - 1),
        )
    const said = [
      ...paths.filter((path) => ignores(path, false)),
      ...folders.filter((path) => ignores(path, true)).map((path) => `${path}/`),
    ]
    expect(said.toSorted()).toEqual([...ignoredByGit].toSorted())
    expect(said.length).toBeGreaterThan(30)
  })

  test('copes with Windows line ends and a byte order mark', () => {
    const parsed = parseGitignore('\uFEFF*.a\r\n!b.a\r\n')
    expect(parsed(['x.a'], false)).toBe(true)
    expect(parsed(['b.a'], false)).toBe(false)
    expect(parsed(['c'], false)).toBeNull()
  })
})
