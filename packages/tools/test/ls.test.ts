import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ls } from '../src/ls.ts'
import { call, place } from './helpers.ts'

test('lists a folder', async () => {
  const { workspace, root } = await place({ 'b/x': '', 'a.txt': 'four', '.hidden': '' })
  await symlink('a.txt', join(root, 'link'))
  const outcome = await call(ls, {}, workspace)
  expect(outcome).toMatchObject({ isError: false, effects: [{ kind: 'read', target: root }] })
  expect(outcome.text).toBe('.hidden  0 bytes\na.txt  4 bytes\nb/\nlink  (symbolic link)')
  await mkdir(join(root, 'empty'))
  expect((await call(ls, { path: 'empty' }, workspace)).text).toBe('The folder is empty.')
})

test('lists all files below it, as glob sees them', async () => {
  const { workspace, root } = await place({
    'a/b/c': '',
    'a/.env': '',
    'a/node_modules/x': '',
    d: '',
  })
  const outcome = await call(ls, { recursive: true }, workspace)
  expect(outcome.effects).toEqual([{ kind: 'read', target: root, tree: true }])
  expect(outcome.text).toBe(
    'a/b/c\nd\n(1 file that may hold secrets left out; name one to read it)',
  )
})

test('in parts', async () => {
  const { workspace } = await place(Object.fromEntries(['a', 'b', 'c'].map((name) => [name, ''])))
  expect((await call(ls, { limit: 2 }, workspace)).text).toBe(
    'a  0 bytes\nb  0 bytes\n(2 of 3; go on with offset 2)',
  )
  expect((await call(ls, { offset: 2 }, workspace)).text).toBe('c  0 bytes')
  expect((await call(ls, { offset: 9 }, workspace)).text).toBe('Nothing is left to list.')
})

test('says what is not a folder', async () => {
  const { workspace } = await place({ 'file.txt': 'x' })
  expect((await call(ls, { path: 'file.txt' }, workspace)).text).toBe(
    'file.txt is a file of 1 bytes; use read.',
  )
  expect((await call(ls, { path: 'fil.txt' }, workspace)).text).toContain('Did you mean file.txt?')
})
