import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Workspace } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import { bash } from '../../src/bash.ts'
import { edit } from '../../src/edit.ts'
import { recordChanges, removeUndo, undoRun, undoableRuns } from '../../src/undo.ts'
import { write } from '../../src/write.ts'
import { call, place, type Place } from '../helpers.ts'
import { pictureOf } from './picture.ts'

const never = new AbortController().signal

function recorded({ workspace, home }: Place, runId: string, sessionId = 's'): Workspace {
  return recordChanges(workspace, { home, sessionId, runId, signal: never })
}

async function shell(command: string, workspace: Workspace): Promise<readonly string[]> {
  const { isError, text, changes } = await call(bash, { command }, workspace)
  if (isError) throw new Error(text)
  return changes
}

const binary = Uint8Array.from({ length: 300 }, (_, index) => index % 256)

const files = {
  'a.txt': 'one\n',
  'src/b.txt': 'two\n',
  'src/deep/c.txt': 'three\n',
  'raw.bin': binary,
  'run.sh': '#!/bin/sh\n',
}

async function full(): Promise<Place> {
  const made = await place(files)
  mkdirSync(join(made.root, 'empty'), { mode: 0o750 })
  symlinkSync('a.txt', join(made.root, 'link'))
  symlinkSync('nowhere', join(made.root, 'dangling'))
  chmodSync(join(made.root, 'run.sh'), 0o755)
  return made
}

test.each<[string, string]>([
  ['changes in place', 'echo more >> a.txt; printf x > src/b.txt'],
  ['the same size', 'printf "ONE\\n" > a.txt'],
  ['new files and folders', 'mkdir -p new/deep; echo hi > new/deep/file; echo x > y'],
  ['deletions', 'rm a.txt; rm -r src'],
  ['a rename', 'mv src/b.txt moved.txt; mv src renamed'],
  ['binary files', 'head -c 2000 /dev/zero > raw.bin; rm -f raw2; cp raw.bin raw2'],
  ['permission bits', 'chmod 600 run.sh; chmod 700 src; chmod +x a.txt'],
  ['links', 'ln -sf src/b.txt link; rm dangling; ln -s raw.bin fresh'],
  ['a link in the place of a file', 'rm a.txt; ln -s raw.bin a.txt'],
  ['a file in the place of a link', 'rm link; echo file > link'],
  ['empty folders', 'rmdir empty; mkdir -p other/empty'],
  ['a folder in the place of a file', 'rm a.txt; mkdir a.txt; echo in > a.txt/inner'],
  ['a file in the place of a folder', 'rm -r src; echo file > src'],
  ['a folder in the place of a link', 'rm link; mkdir link; echo in > link/inner'],
  ['a link in the place of a folder', 'mkdir x; echo 1 > x/b.txt; rm -r src; ln -s x src'],
  ['odd names', 'echo 1 > "a b\nc"; echo 2 > ./-rf; echo 3 > "ü\\"x"'],
  ['everything', 'rm -rf ./*'],
])('a command: %s', async (_, command) => {
  const made = await full()
  const before = pictureOf(made.root)
  await shell(command, recorded(made, 'run_1'))
  const after = pictureOf(made.root)
  expect(after).not.toEqual(before)

  const preview = await undoRun(made.home, 's', { dryRun: true })
  expect(pictureOf(made.root)).toEqual(after)
  const undone = await undoRun(made.home, 's')
  expect(pictureOf(made.root)).toEqual(before)
  expect({ ...undone, undo: undefined }).toEqual({ ...preview, undo: undefined })
  await undoRun(made.home, 's', { run: undone.undo ?? '' })
  expect(pictureOf(made.root)).toEqual(after)
  await undoRun(made.home, 's')
  expect(pictureOf(made.root)).toEqual(before)
})

test('what tools write and remove, also outside of the roots and where it is ignored', async () => {
  const made = await place({
    'a.txt': 'one\n',
    '.gitignore': 'ignored\n',
    ignored: 'old',
    '.git/x': '',
  })
  const outside = join(made.home, 'outside/new/file')
  const before = pictureOf(made.root)
  const workspace = recorded(made, 'run_1')
  await call(edit, { path: 'a.txt', old_string: 'one', new_string: 'two' }, workspace)
  await call(edit, { path: 'a.txt', old_string: 'two', new_string: 'three' }, workspace)
  await call(write, { path: 'new/folder/b.txt', content: 'b' }, workspace)
  await call(write, { path: 'ignored', content: 'new' }, workspace)
  await workspace.writeFile(outside, new Uint8Array([1]))
  await workspace.writeFile('gone', new Uint8Array([1]))
  await workspace.remove('gone')
  const { removed, restored, notes } = await undoRun(made.home, 's')
  expect(pictureOf(made.root)).toEqual(before)
  expect(statSync(join(made.home, 'outside'), { throwIfNoEntry: false })).toBeUndefined()
  expect(restored).toEqual(['a.txt', 'ignored'].map((name) => join(made.root, name)))
  expect(removed).toHaveLength(6)
  expect(notes).toEqual([])
})

describe('what was changed since', () => {
  test('is not lost: nothing is undone, or all but that', async () => {
    const made = await place({ 'a.txt': '1', 'b.txt': '1', 'c.txt': '1' })
    await shell('for f in *.txt; do echo 2 > $f; done', recorded(made, 'run_1'))
    writeFileSync(join(made.root, 'b.txt'), 'mine')
    rmSync(join(made.root, 'c.txt'))
    const before = pictureOf(made.root)
    const refusal = undoRun(made.home, 's')
    await expect(refusal).rejects.toMatchObject({ code: 'undo_refused' })
    await expect(refusal).rejects.toThrow(/b\.txt was changed since\n.*c\.txt was removed since$/)
    expect(pictureOf(made.root)).toEqual(before)
    const { restored, skipped } = await undoRun(made.home, 's', { skipEdited: true })
    expect(restored).toEqual([join(made.root, 'a.txt')])
    expect(skipped).toHaveLength(2)
    expect(readFileSync(join(made.root, 'b.txt'), 'utf8')).toBe('mine')
  })

  test('also between two changes of the run', async () => {
    const made = await place({ 'a.txt': '1' })
    const workspace = recorded(made, 'run_1')
    await workspace.writeFile('a.txt', Buffer.from('2'))
    writeFileSync(join(made.root, 'a.txt'), 'mine, and more')
    await workspace.writeFile('a.txt', Buffer.from('mine, and more, and 3'))
    await expect(undoRun(made.home, 's')).rejects.toThrow('by somebody else while the run')
  })

  test('permission bits that a person set stay', async () => {
    const made = await place({ 'a.sh': '1' })
    await shell('echo 2 > a.sh', recorded(made, 'run_1'))
    chmodSync(join(made.root, 'a.sh'), 0o755)
    await undoRun(made.home, 's')
    expect(pictureOf(made.root)).toEqual({ 'a.sh': 'file 755 MQ==' })
  })

  test('a folder of the run with a file of the person stays', async () => {
    const made = await place()
    await shell('mkdir d; echo 1 > d/own', recorded(made, 'run_1'))
    writeFileSync(join(made.root, 'd/mine'), '')
    const { left, removed } = await undoRun(made.home, 's')
    expect(removed).toEqual([join(made.root, 'd/own')])
    expect(left).toEqual([
      {
        path: join(made.root, 'd'),
        reason: `is not empty: ${join(made.root, 'd/mine')} is not of the run, or stays`,
      },
    ])
  })

  test('a link in the place of a folder is not followed', async () => {
    const made = await place({ 'd/a.txt': '1', 'other/a.txt': '2' })
    await recorded(made, 'run_1').writeFile('d/a.txt', Buffer.from('2'))
    rmSync(join(made.root, 'd'), { recursive: true })
    symlinkSync('other', join(made.root, 'd'))
    await expect(undoRun(made.home, 's')).rejects.toThrow('d/a.txt was removed since')
    await shell('rm d; mkdir d; echo 1 > d/b.txt', recorded(made, 'run_2'))
    await shell('rm d/b.txt', recorded(made, 'run_3'))
    rmSync(join(made.root, 'd'), { recursive: true })
    symlinkSync('other', join(made.root, 'd'))
    await expect(undoRun(made.home, 's')).rejects.toThrow('d/b.txt lies behind a symbolic link now')
  })
})

test('two runs, one after the other and across each other', async () => {
  const made = await place({ 'a.txt': '0', 'b.txt': '0' })
  const before = pictureOf(made.root)
  const [one, two] = [recorded(made, 'run_1'), recorded(made, 'run_2', 'other')]
  await one.writeFile('a.txt', Buffer.from('1'))
  await two.writeFile('b.txt', Buffer.from('2'))
  await one.writeFile('c.txt', Buffer.from('1'))
  await two.writeFile('a.txt', Buffer.from('2'))
  // What came later has to go first.
  await expect(undoRun(made.home, 's')).rejects.toThrow('a.txt was changed since')
  await undoRun(made.home, 'other')
  await undoRun(made.home, 's')
  expect(pictureOf(made.root)).toEqual(before)
})

test('the runs of a session are undone the last one first, and listed', async () => {
  const made = await place({ 'a.txt': '0' })
  for (const run of ['1', '2']) await shell(`echo ${run} > a.txt`, recorded(made, `run_${run}`))
  const content = () => readFileSync(join(made.root, 'a.txt'), 'utf8')
  const first = await undoRun(made.home, 's')
  expect([first.run, content()]).toEqual(['run_2', '1\n'])
  await undoRun(made.home, 's')
  expect(content()).toBe('0')
  await expect(undoRun(made.home, 's')).rejects.toMatchObject({ code: 'undo_nothing' })
  expect(
    undoableRuns(made.home, 's').map(({ id, isUndone }) => [id.slice(0, 4), isUndone]),
  ).toEqual([
    ['run_', true],
    ['run_', true],
    ['undo', false],
    ['undo', false],
  ])
  await removeUndo(made.home, 's')
  expect(undoableRuns(made.home, 's')).toEqual([])
})

test('what is not kept is named: large files, ignored ones, folders that hold them', async () => {
  const made = await place({
    '.gitignore': 'ignored\n',
    '.git/x': '',
    'large.bin': new Uint8Array(1_000_001),
  })
  const changes = await shell(
    'mkdir new; echo 1 > new/ignored; echo x >> large.bin; echo 2 > new/own',
    recorded(made, 'run_1'),
  )
  expect(changes).toEqual(['large.bin', 'new/own'].map((name) => join(made.root, name)))
  const { left, removed, notes } = await undoRun(made.home, 's')
  expect(removed).toEqual([join(made.root, 'new/own')])
  expect(left.map(({ path, reason }) => `${path.slice(made.root.length)} ${reason}`)).toEqual([
    '/large.bin is larger than 1 MB, and a command changed it',
    expect.stringMatching(/^\/new is not empty: .*new\/ignored/),
  ])
  expect(notes).toEqual([expect.stringContaining('Commands ran')])
})

test('nobody else can read what is kept, and nothing is kept before the first change', async () => {
  const made = await place({ 'a.txt': '0' })
  const workspace = recorded(made, 'run_1')
  await call(bash, { command: 'cat a.txt' }, workspace)
  expect(pictureOf(made.home)).toEqual({})
  await shell('echo 1 > a.txt', workspace)
  const modes = Object.entries(pictureOf(made.home)).map(([path, what]) => [
    path,
    what.split(' ')[1],
  ])
  expect(modes).toEqual([
    ['undo', '700'],
    ['undo/s', '700'],
    ['undo/s/contents', '600'],
    ['undo/s/journal.jsonl', '600'],
  ])
})
