import { execFileSync } from 'node:child_process'
import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { localWorkspace } from '../../src/workspace/local-workspace.ts'
import { temporaryFolder } from './temporary-folder.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

async function setup() {
  const folder = await temporaryFolder()
  const root = join(folder, 'project')
  const home = join(folder, 'home')
  await mkdir(root)
  await mkdir(home)
  return { folder, root, home, workspace: localWorkspace({ roots: [root], home }) }
}

describe('roots', () => {
  test('are real paths', async () => {
    const { folder, root } = await setup()
    await symlink(root, join(folder, 'link'))
    expect(localWorkspace({ roots: [join(folder, 'link')] }).roots).toEqual([root])
  })

  test('that are missing, files, or none at all are refused', async () => {
    const { folder } = await setup()
    await writeFile(join(folder, 'file'), '')
    expect(() => localWorkspace({ roots: [join(folder, 'nothing')] })).toThrow(/nothing.*ENOENT/)
    expect(() => localWorkspace({ roots: [join(folder, 'file')] })).toThrow(/must be a folder/)
    expect(() => localWorkspace({ roots: [] })).toThrow(/at least one root/)
  })
})

describe('resolve', () => {
  test('takes relative paths from the first root, and ~ from the home', async () => {
    const { root, home, workspace } = await setup()
    expect(await workspace.resolve('a/b.txt')).toEqual({
      path: join(root, 'a/b.txt'),
      inside: true,
    })
    expect(await workspace.resolve('.')).toEqual({ path: root, inside: true })
    expect(await workspace.resolve('~')).toEqual({ path: home, inside: false })
    expect(await workspace.resolve('~/x/../y')).toEqual({ path: join(home, 'y'), inside: false })
    expect(await workspace.resolve('~x')).toEqual({ path: join(root, '~x'), inside: true })
  })

  test('compares by segment', async () => {
    const { root, workspace } = await setup()
    expect((await workspace.resolve(`${root}2/x`)).inside).toBe(false)
    expect((await workspace.resolve('../project/x')).inside).toBe(true)
    expect((await workspace.resolve('..')).inside).toBe(false)
    expect((await workspace.resolve('nothing/../../x')).inside).toBe(false)
  })

  test('follows links, also below what does not exist, and links that dangle', async () => {
    const { folder, root, home, workspace } = await setup()
    await symlink(home, join(root, 'out'))
    await symlink(join(folder, 'later'), join(root, 'dangling'))
    await symlink('../home/relative', join(root, 'relative'))
    expect(await workspace.resolve('out/new/file')).toEqual({
      path: join(home, 'new/file'),
      inside: false,
    })
    expect(await workspace.resolve('dangling')).toEqual({
      path: join(folder, 'later'),
      inside: false,
    })
    expect(await workspace.resolve('relative/x')).toEqual({
      path: join(home, 'relative/x'),
      inside: false,
    })
  })

  test('the parent of a link is the parent of its target', async () => {
    const { folder, root, home, workspace } = await setup()
    await symlink(home, join(root, 'out'))
    expect(await workspace.resolve('out/../secret')).toEqual({
      path: join(folder, 'secret'),
      inside: false,
    })
  })

  test('a ring of links fails', async () => {
    const { root, workspace } = await setup()
    await symlink(join(root, 'b'), join(root, 'a'))
    await symlink(join(root, 'a'), join(root, 'b'))
    await expect(workspace.resolve('a')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  test('a zero byte is refused', async () => {
    const { workspace } = await setup()
    await expect(workspace.resolve('a\0b')).rejects.toMatchObject({ code: 'EINVAL' })
  })
})

describe('readFile', () => {
  test('reads all of it, or a range', async () => {
    const { root, workspace } = await setup()
    await writeFile(join(root, 'a'), '0123456789')
    expect(text(await workspace.readFile('a'))).toBe('0123456789')
    expect(text(await workspace.readFile('a', { start: 2, end: 5 }))).toBe('234')
    expect(text(await workspace.readFile('a', { start: 8 }))).toBe('89')
    expect(text(await workspace.readFile('a', { start: 8, end: 100 }))).toBe('89')
    expect(text(await workspace.readFile('a', { start: 11, end: 100 }))).toBe('')
  })

  test('reads files that have content and no size', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc')
    const { workspace } = await setup()
    const whole = text(await workspace.readFile('/proc/self/limits'))
    expect(whole).toMatch(/^Limit/)
    expect(text(await workspace.readFile('/proc/self/limits', { start: 1, end: 5 }))).toBe('imit')
    expect(text(await workspace.readFile('/proc/self/limits', { start: 1 }))).toBe(whole.slice(1))
    await workspace.writeFile('empty', new Uint8Array(0))
    expect(await workspace.readFile('empty', { start: 0, end: 1_000_000 })).toHaveLength(0)
  })

  test('fails with the codes of the file system', async () => {
    const { root, workspace } = await setup()
    await mkdir(join(root, 'folder'))
    await expect(workspace.readFile('nothing')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(workspace.readFile('folder')).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(workspace.readFile('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  test('a named pipe is refused instead of waited for', async () => {
    const { root, workspace } = await setup()
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(workspace.readFile('pipe')).rejects.toMatchObject({ code: 'EINVAL' })
    await expect(workspace.writeFile('pipe', bytes('x'))).rejects.toMatchObject({ code: 'EINVAL' })
  })
})

describe('writeFile', () => {
  test('makes folders and leaves nothing else behind', async () => {
    const { root, workspace } = await setup()
    await workspace.writeFile('a/b/c.txt', bytes('one'))
    await workspace.writeFile('a/b/c.txt', bytes('two'))
    expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('two')
    expect(await readdir(join(root, 'a/b'))).toEqual(['c.txt'])
  })

  test('keeps the mode of what is there, and gives a new file the one asked for', async () => {
    const { root, workspace } = await setup()
    await writeFile(join(root, 'script'), '')
    await chmod(join(root, 'script'), 0o751)
    await workspace.writeFile('script', bytes('x'), { mode: 0o600 })
    await workspace.writeFile('new', bytes('x'), { mode: 0o666 })
    expect((await stat(join(root, 'script'))).mode & 0o7777).toBe(0o751)
    expect((await stat(join(root, 'new'))).mode & 0o7777).toBe(0o666)
  })

  test('replaces the file instead of changing it: another hard link keeps the old content', async () => {
    const { root, workspace } = await setup()
    await writeFile(join(root, 'a'), 'old')
    await link(join(root, 'a'), join(root, 'b'))
    await workspace.writeFile('a', bytes('new'))
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('new')
    expect(await readFile(join(root, 'b'), 'utf8')).toBe('old')
  })

  test('writes the target of a link, also of one that dangles, and keeps the link', async () => {
    const { folder, root, workspace } = await setup()
    await writeFile(join(folder, 'target'), 'old')
    await symlink('../target', join(root, 'link'))
    await symlink('../later/file', join(root, 'dangling'))
    await workspace.writeFile('link', bytes('new'))
    await workspace.writeFile('dangling', bytes('new'))
    expect(await readlink(join(root, 'link'))).toBe('../target')
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('new')
    expect((await lstat(join(root, 'dangling'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(folder, 'later/file'), 'utf8')).toBe('new')
  })

  test('exclusive: one of many wins, and the others leave nothing behind', async () => {
    const { root, workspace } = await setup()
    const attempts = Array.from({ length: 20 }, (_, index) =>
      workspace.writeFile('lock', bytes(String(index)), { exclusive: true }),
    )
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(lost.map(({ reason }) => reason.code)).toEqual(Array(19).fill('EEXIST'))
    expect(await readdir(root)).toEqual(['lock'])
  })

  test('a reader always sees a whole file', async () => {
    const { root, workspace } = await setup()
    const size = 200_000
    await writeFile(join(root, 'a'), 'a'.repeat(size))
    for (let round = 0; round < 30; round++) {
      const data = bytes((round % 2 ? 'a' : 'b').repeat(size))
      const writing = workspace.writeFile('a', data)
      const seen = await readFile(join(root, 'a'), 'utf8')
      expect(seen.length).toBe(size)
      expect(new Set(seen).size).toBe(1)
      await writing
    }
  })

  test('a folder is refused, and a file in the place of one', async () => {
    const { root, workspace } = await setup()
    await mkdir(join(root, 'folder'))
    await writeFile(join(root, 'file'), '')
    for (const path of ['file/a', 'file/a/b'])
      await expect(workspace.writeFile(path, bytes('x'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(workspace.writeFile('folder', bytes('x'))).rejects.toMatchObject({
      code: 'EISDIR',
    })
  })

  test('a file that may not be written is refused, although a rename would go through', async ({
    skip,
  }) => {
    if (process.getuid?.() === 0) skip('root may write every file')
    const { root, workspace } = await setup()
    await writeFile(join(root, 'fixed'), 'old', { mode: 0o444 })
    await expect(workspace.writeFile('fixed', bytes('x'))).rejects.toMatchObject({ code: 'EACCES' })
  })

  test('keeps the owner', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root has files of others')
    const { root, workspace } = await setup()
    execFileSync('install', ['-o', '12345', '-g', '54321', '/dev/null', join(root, 'theirs')])
    await workspace.writeFile('theirs', bytes('x'))
    expect(await stat(join(root, 'theirs'))).toMatchObject({ uid: 12345, gid: 54321 })
  })
})

describe('stat, readDirectory, remove', () => {
  test('stat follows links and knows what is missing', async () => {
    const { root, workspace } = await setup()
    await writeFile(join(root, 'a'), '12345')
    await symlink('a', join(root, 'b'))
    expect(await workspace.stat('b')).toMatchObject({ name: 'b', kind: 'file', size: 5 })
    expect(await workspace.stat('.')).toMatchObject({ kind: 'directory' })
    expect(await workspace.stat('nothing')).toBeNull()
    expect(await workspace.stat('a/below')).toBeNull()
  })

  test('readDirectory is sorted and does not follow links', async () => {
    const { root, workspace } = await setup()
    await mkdir(join(root, 'c'))
    await writeFile(join(root, 'b'), '')
    await symlink('nothing', join(root, 'a'))
    const entries = await workspace.readDirectory('.')
    expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'symlink'],
      ['b', 'file'],
      ['c', 'directory'],
    ])
    await expect(workspace.readDirectory('b')).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  test('remove takes files, links and empty folders', async () => {
    const { root, workspace } = await setup()
    await mkdir(join(root, 'full/empty'), { recursive: true })
    await writeFile(join(root, 'target'), '')
    await symlink('target', join(root, 'link'))
    await expect(workspace.remove('full')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
    await workspace.remove('full/empty')
    await workspace.remove('full')
    await workspace.remove('link')
    expect(await readdir(root)).toEqual(['target'])
    await expect(workspace.remove('nothing')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
