import {
  appendFileSync,
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordChanges, undoRun } from '../../src/undo.ts'
import { prune } from '../../src/undo/retention.ts'
import { place, type Place } from '../helpers.ts'

async function change(
  { workspace, home }: Place,
  content: string,
  { sessionId = 's', runId = 'run_1' } = {},
): Promise<void> {
  const { signal } = new AbortController()
  const recorded = recordChanges(workspace, { home, sessionId, runId, signal })
  await recorded.writeFile('a.txt', Buffer.from(content))
}

test('a journal that was cut in the middle of a line is gone on with', async () => {
  const made = await place({ 'a.txt': '0' })
  await change(made, '1')
  const journal = join(made.home, 'undo/s/journal.jsonl')
  const { size } = statSync(journal)
  await change(made, '2', { runId: 'run_2' })
  truncateSync(journal, size + 20)
  // Nobody had begun to write what the cut line announced.
  await made.workspace.writeFile('a.txt', Buffer.from('1'))
  await change(made, '3', { runId: 'run_3' })
  for (const expected of ['1', '0']) {
    await undoRun(made.home, 's')
    expect(readFileSync(join(made.root, 'a.txt'), 'utf8')).toBe(expected)
  }
})

test('contents that are damaged are never put back', async () => {
  const made = await place({ 'a.txt': 'content' })
  await change(made, '1')
  const contents = join(made.home, 'undo/s/contents')
  truncateSync(contents, 3)
  appendFileSync(contents, 'xxxx')
  await expect(undoRun(made.home, 's')).rejects.toMatchObject({ code: 'undo_damaged' })
  expect(readFileSync(join(made.root, 'a.txt'), 'utf8')).toBe('1')
})

test('old sessions make room for a new one: by age, then by size', async () => {
  const made = await place({ 'a.txt': 'x'.repeat(1000) })
  const root = join(made.home, 'undo')
  const sessions = ['old', 'middle', 'new']
  for (const sessionId of sessions) await change(made, `${sessionId} `.repeat(400), { sessionId })
  for (const [index, sessionId] of sessions.entries()) {
    const time = new Date(2026, 0, 1 + index)
    utimesSync(join(root, sessionId, 'journal.jsonl'), time, time)
  }
  const left = () => sessions.filter((id) => existsSync(join(root, id)))
  const day = 24 * 60 * 60 * 1000
  const now = new Date(2026, 0, 3, 1).getTime()
  await prune(root, { maxStored: 1e6, maxAge: 3 * day, now })
  expect(left()).toEqual(['old', 'middle', 'new'])
  await prune(root, { maxStored: 1e6, maxAge: 1.5 * day, now })
  expect(left()).toEqual(['middle', 'new'])
  await prune(root, { maxStored: 4500, maxAge: 3 * day, now })
  expect(left()).toEqual(['new'])
  await prune(join(made.home, 'nowhere'))
})

test('commands that are held stay known as held', async () => {
  const { workspace, home } = await place()
  const held = { ...workspace, sandboxed: false }
  const { signal } = new AbortController()
  const recorded = recordChanges(held, { home, sessionId: 's', runId: 'r', signal })
  expect(recorded.sandboxed).toBe(false)
  held.sandboxed = true
  expect(recorded.sandboxed).toBe(true)
})
