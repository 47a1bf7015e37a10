import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeLine } from '../../src/session/jsonl-line.ts'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import { folderOf } from '../../src/session/session-files.ts'
import { header, said } from './store-parts.ts'
import { memoryFolder, temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes(memoryFolder)

/** A home with so many sessions in two folders. */
function homeOf(count: number) {
  const home = newHome()
  const root = join(home, 'sessions')
  for (let number = 0; number < count; number++) writeLog(root, number)
  const store = jsonlStore({ home })
  const index = join(root, '.index.sqlite')
  return { home, root, store, index }
}

function writeLog(root: string, number: number): string {
  const cwd = `/project ${number % 2}`
  const folder = folderOf(root, cwd)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `s${number}.jsonl`)
  const first = { seq: 1, time: 1000 + number, type: 'message', message: said(`to ${number}`) }
  const lines = [header(`s${number}`, { cwd }), first]
  writeFileSync(path, lines.map((line) => encodeLine(JSON.stringify(line))).join(''))
  return path
}

test('what the index says is what the logs say, whatever becomes of it', async () => {
  const { store, root, index } = homeOf(150)
  const first = await store.list()
  expect(first).toHaveLength(150)
  expect(first.slice(0, 2).map(({ id, title }) => [id, title])).toEqual([
    ['s149', 'to 149'],
    ['s148', 'to 148'],
  ])
  expect(existsSync(index)).toBe(true)
  expect(statSync(index).mode & 0o077).toBe(0)
  expect(await store.list()).toEqual(first)
  for (const damage of [
    () => writeFileSync(index, 'no database'),
    () => writeFileSync(index, readFileSync(index).subarray(0, 5000)),
    () => writeFileSync(index, readFileSync(index).fill(7, 100)),
    () => rmSync(index),
    () => (rmSync(index, { force: true }), mkdirSync(index)),
  ]) {
    damage()
    for (const suffix of ['-wal', '-shm']) rmSync(index + suffix, { force: true })
    expect(await store.list()).toEqual(first)
    expect(await store.list()).toEqual(first)
  }
  expect(existsSync(join(root, '.index.sqlite'))).toBe(true)
})

test('it is used: a log that is what it was is not opened again', async () => {
  const { store, root } = homeOf(150)
  const path = join(folderOf(root, '/project 1'), 's149.jsonl')
  utimesSync(path, 1000, 1000)
  await store.list()
  writeFileSync(path, 'x'.repeat(statSync(path).size))
  utimesSync(path, 1000, 1000)
  expect((await store.list())[0]).toMatchObject({ id: 's149', title: 'to 149' })
})

test('a log that grew, came or went is seen at once', async () => {
  const { store, root } = homeOf(150)
  await store.list()
  const path = join(folderOf(root, '/project 0'), 's0.jsonl')
  const later = { seq: 2, time: 9000, type: 'message', message: said('more') }
  appendFileSync(path, encodeLine(JSON.stringify(later)))
  writeLog(root, 150)
  rmSync(join(folderOf(root, '/project 1'), 's1.jsonl'))
  const list = await store.list()
  expect(list[0]).toMatchObject({ id: 's0', updatedAt: 9000 })
  expect(list).toHaveLength(150)
  expect(list.map(({ id }) => id)).toContain('s150')
  expect(list.map(({ id }) => id)).not.toContain('s1')
  expect(await store.list({ cwd: '/none' })).toEqual([])
})

test('processes list beside each other, with an index or without', async () => {
  const { home, store } = homeOf(400)
  const program = `
    import { jsonlStore } from ${JSON.stringify(new URL('../../src/session/jsonl-store.ts', import.meta.url).href)}
    const store = jsonlStore({ home: process.argv[1] })
    for (let round = 0; round < 10; round++) console.log((await store.list()).length)`
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program, home], { stdio: 'pipe' }),
  )
  const outputs = await Promise.all(
    children.map(async (child) => {
      let text = ''
      child.stdout.on('data', (chunk) => (text += chunk))
      child.stderr.on('data', (chunk) => (text += chunk))
      await once(child, 'close')
      return text
    }),
  )
  for (const output of outputs) expect(output).toBe('400\n'.repeat(10))
  expect(await store.list()).toHaveLength(400)
}, 60_000)

test('few sessions are listed without an index, and a broken home is no obstacle', async () => {
  const { store, index } = homeOf(20)
  expect(await store.list()).toHaveLength(20)
  expect(existsSync(index)).toBe(false)
})
