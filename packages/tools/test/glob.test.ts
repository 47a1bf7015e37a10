import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { glob } from '../src/glob.ts'
import { call, failure, place, withParts } from './helpers.ts'

/** The paths of the answer, sorted; notes are in parentheses. */
const found = (text: string): readonly string[] => text.split('\n').toSorted()

describe('glob', () => {
  test('finds files, the newest first, then by name', async () => {
    const { workspace, root } = await place({
      'a.ts': '',
      'b.ts': '',
      'c.ts': '',
      'd.ts': '',
      'e.js': '',
    })
    for (const [name, time] of [
      ['a.ts', 10],
      ['b.ts', 30],
      ['c.ts', 20],
      ['d.ts', 20],
    ] as const)
      await utimes(join(root, name), time, time)
    const outcome = await call(glob, { pattern: '*.ts' }, workspace)
    expect(outcome.text).toBe('b.ts\nc.ts\nd.ts\na.ts')
    expect(outcome.effects).toEqual([{ kind: 'read', target: root, tree: true }])
  })

  test('looks below path, or where an absolute pattern begins', async () => {
    const { workspace, root, home } = await place({ 'src/a.ts': '', 'src/b/c.ts': '', 'd.ts': '' })
    expect(found((await call(glob, { pattern: '**/*.ts', path: 'src' }, workspace)).text)).toEqual([
      'src/a.ts',
      'src/b/c.ts',
    ])
    const absolute = await call(glob, { pattern: `${root}/src/*.ts` }, workspace)
    expect(absolute.text).toBe('src/a.ts')
    expect(absolute.effects).toEqual([{ kind: 'read', target: join(root, 'src'), tree: true }])
    expect((await call(glob, { pattern: `${root}/src/a.ts` }, workspace)).text).toBe('src/a.ts')
    await writeFile(join(home, 'note.md'), '')
    const inHome = await call(glob, { pattern: '~/*.md' }, workspace)
    expect(inHome).toMatchObject({
      text: join(home, 'note.md'),
      effects: [{ kind: 'read', target: home, tree: true }],
    })
    expect(await call(glob, { pattern: '/x/*', path: '.' }, workspace)).toMatchObject({
      isError: true,
      text: expect.stringContaining('leave out path'),
    })
  })

  test('leaves out what is ignored, .git and node_modules', async () => {
    const { workspace } = await place({
      '.git/config': '',
      '.github/ci.yml': '',
      '.gitignore': 'dist/\n*.log\n!keep.log',
      'dist/out.js': '',
      'a.log': '',
      'keep.log': '',
      'node_modules/x/index.js': '',
      'packages/p/node_modules/y.js': '',
      'packages/p/.gitignore': 'generated\n!/dist',
      'packages/p/generated/x': '',
      'packages/p/dist/kept.js': '',
      'src/a.ts': '',
    })
    expect(found((await call(glob, { pattern: '**' }, workspace)).text)).toEqual([
      '.github/ci.yml',
      '.gitignore',
      'keep.log',
      'packages/p/.gitignore',
      'packages/p/dist/kept.js',
      'src/a.ts',
    ])
  })

  test('finds what is left out when it is asked for by name', async () => {
    const { workspace } = await place({
      '.git/config': '',
      '.gitignore': 'node_modules\ndist/',
      'node_modules/x/index.js': '',
      'node_modules/x/dist/a.js': '',
      'dist/out.js': '',
    })
    const text = async (args: { pattern: string; path?: string }) =>
      (await call(glob, args, workspace)).text
    expect(await text({ pattern: 'node_modules/x/*.js' })).toBe('node_modules/x/index.js')
    expect(found(await text({ pattern: '*.js', path: 'node_modules/x' }))).toEqual([
      'node_modules/x/dist/a.js',
      'node_modules/x/index.js',
    ])
    expect(await text({ pattern: '*', path: 'dist' })).toBe('dist/out.js')
    expect(await text({ pattern: '.git/*' })).toBe('.git/config')
  })

  test('heeds the rules above path, up to the top of the repository', async () => {
    const { workspace } = await place({
      '.gitignore': '*.out\n/src/lib/skip',
      'src/lib/a.out': '',
      'src/lib/skip/b': '',
      'src/lib/c': '',
      'inner/.git/HEAD': '',
      'inner/a.out': '',
      'inner/deep/b.out': '',
    })
    expect((await call(glob, { pattern: '**', path: 'src/lib' }, workspace)).text).toBe('src/lib/c')
    for (const path of ['inner', '.'])
      expect(found((await call(glob, { pattern: '*.out', path }, workspace)).text)).toEqual([
        'inner/a.out',
        'inner/deep/b.out',
      ])
  })

  test('says how many files that may hold secrets it left out', async () => {
    const { workspace } = await place({
      '.env': '',
      'src/key.pem': '',
      'src/a': '',
      '.env.example': '',
    })
    const { text } = await call(glob, { pattern: '**' }, workspace)
    expect(found(text)).toEqual([
      '(2 files that may hold secrets left out; name one to read it)',
      '.env.example',
      'src/a',
    ])
    expect((await call(glob, { pattern: 'src/*' }, workspace)).text).toContain('(1 file that may')
    expect((await call(glob, { pattern: '*.md' }, workspace)).text).toBe('No files match.')
  })

  test('names links, and does not follow them', async () => {
    const { workspace, root, home } = await place({ 'src/a': '' })
    await writeFile(join(home, 'secret'), '')
    await symlink(home, join(root, 'src/out'))
    await symlink('..', join(root, 'src/loop'))
    expect(found((await call(glob, { pattern: 'src/**' }, workspace)).text)).toEqual([
      'src/a',
      'src/loop',
      'src/out',
    ])
  })

  test('gives a thousand, and says how many there are besides', { timeout: 30_000 }, async () => {
    const { workspace, root } = await place()
    await mkdir(join(root, 'many'))
    for (let index = 0; index < 1003; index++) await writeFile(join(root, `many/${index}`), '')
    const { text } = await call(glob, { pattern: 'many/*' }, workspace)
    expect(text.split('\n')).toHaveLength(1001)
    expect(text).toMatch(/\n\(3 more files match; these are the newest 1000\)$/)
  })

  test('says what is wrong', async () => {
    const { workspace, root } = await place({ 'src/a': '', 'closed/b': '' })
    const text = async (args: { pattern: string; path?: string }) => {
      const outcome = await call(glob, args, workspace)
      expect(outcome.isError).toBe(true)
      return outcome.text
    }
    expect(await text({ pattern: '*', path: 'scr' })).toBe('scr does not exist. Did you mean src?')
    expect(await text({ pattern: '*', path: 'src/a' })).toBe(
      'src/a is a file; path must be a folder.',
    )
    expect(await text({ pattern: '../*' })).toContain('put the folder into path')
    const closed = withParts(workspace, {
      readDirectory: (path) =>
        path === join(root, 'closed')
          ? Promise.reject(failure('EACCES'))
          : workspace.readDirectory(path),
    })
    expect((await call(glob, { pattern: '**' }, closed)).text).toBe(
      'src/a\n(no permission to read 1: closed)',
    )
  })

  test('is cancelled in the middle', async () => {
    const { workspace } = await place({ 'a/b/c/d/e': '' })
    const aborter = new AbortController()
    let folders = 0
    const slow = withParts(workspace, {
      readDirectory: (path) => {
        if (++folders === 2) aborter.abort()
        return workspace.readDirectory(path)
      },
    })
    const outcome = await call(glob, { pattern: '**' }, slow, { signal: aborter.signal })
    expect(outcome).toMatchObject({ isError: true, text: 'Cancelled before it was done.' })
    expect(folders).toBe(2)
  })
})
