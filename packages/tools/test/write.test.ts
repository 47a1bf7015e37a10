import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { write } from '../src/write.ts'
import { call, failure, place, recover, withParts } from './helpers.ts'

describe('write', () => {
  test('creates a file with its folders', async () => {
    const { workspace, root } = await place()
    const outcome = await call(write, { path: 'a/b.txt', content: 'one\ntwo\n' }, workspace)
    expect(outcome).toMatchObject({
      isError: false,
      text: 'Created a/b.txt (2 lines).',
      changes: [join(root, 'a/b.txt')],
      effects: [{ kind: 'write', target: join(root, 'a/b.txt') }],
    })
    expect(await readFile(join(root, 'a/b.txt'), 'utf8')).toBe('one\ntwo\n')
  })

  test('replaces a file and keeps its mode', async () => {
    const { workspace, root } = await place({ a: 'old' })
    await chmod(join(root, 'a'), 0o755)
    expect((await call(write, { path: 'a', content: 'grün' }, workspace)).text).toBe(
      'Replaced a (1 line).',
    )
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('grün')
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o755)
    expect((await call(write, { path: 'a', content: '' }, workspace)).text).toBe(
      'Replaced a (empty).',
    )
  })

  test('says what is in the way', async () => {
    const { workspace } = await place({ 'folder/a': '', file: '' })
    expect((await call(write, { path: 'folder', content: '' }, workspace)).text).toBe(
      'folder is a folder. There is no way to write it as a file.',
    )
    expect((await call(write, { path: 'file/below', content: '' }, workspace)).text).toBe(
      'file/below does not exist: a part of the path is a file, not a folder.',
    )
    for (const [code, text] of [
      ['ENOSPC', 'No space is left on the disk to write new.'],
      ['EACCES', 'The operating system gives no permission to write new.'],
    ] as const) {
      const broken = withParts(workspace, { writeFile: () => Promise.reject(failure(code)) })
      const outcome = await call(write, { path: 'new', content: '' }, broken)
      expect(outcome).toMatchObject({ isError: true, text, changes: [] })
    }
  })

  test('declares where a link leads, and writes there', async () => {
    const { workspace, root, home } = await place()
    await symlink(join(home, 'target'), join(root, 'link'))
    const outcome = await call(write, { path: 'link', content: 'x' }, workspace)
    expect(outcome.effects).toEqual([{ kind: 'write', target: join(home, 'target') }])
    expect(await readFile(join(home, 'target'), 'utf8')).toBe('x')
  })

  test('refuses a link that came in the place of what was decided on', async () => {
    const { workspace, root, home } = await place()
    await mkdir(join(root, 'docs'))
    const outcome = await call(write, { path: 'docs/new/a', content: 'x' }, workspace, {
      beforeExecute: () => symlink(home, join(root, 'docs/new')),
    })
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.text).toContain('not what was permitted')
    await expect(stat(join(home, 'a'))).rejects.toThrow('ENOENT')
  })

  test('does nothing when it was cancelled', async () => {
    const { workspace, root } = await place()
    const outcome = await call(write, { path: 'a', content: 'x' }, workspace, {
      signal: AbortSignal.abort(),
    })
    expect(outcome).toMatchObject({ isError: true, text: 'Cancelled before it was done.' })
    await expect(stat(join(root, 'a'))).rejects.toThrow('ENOENT')
  })
})

describe('write after a crash', () => {
  test('is done when the file holds the content', async () => {
    const { workspace, root } = await place({ a: 'new\n' })
    expect(await recover(write, { path: 'a', content: 'new\n' }, workspace)).toMatchObject({
      isError: false,
      text: 'Wrote a (1 line).',
      changes: [join(root, 'a')],
    })
  })

  test('is repeated when it does not', async () => {
    const { workspace, root } = await place({ a: 'old\n', folder: '' })
    await writeFile(join(root, 'same'), 'nex\n')
    expect(await recover(write, { path: 'a', content: 'new\nmore' }, workspace)).toBe('rerun')
    expect(await recover(write, { path: 'same', content: 'new\n' }, workspace)).toBe('rerun')
    expect(await recover(write, { path: 'missing', content: '' }, workspace)).toBe('rerun')
    expect(await recover(write, { path: '.', content: '' }, workspace)).toBe('rerun')
  })
})
