import { join } from 'node:path'
import { jsonlStore } from '@harnext/core/node'
import { expect, test } from 'vitest'
import { makePlace, type Place } from '../harnext-process.ts'
import { look } from '../inspect.ts'

const id = 'sess_aaaaaaaaaaaa'

/** A session of 600 KB, which is more than is read at once. */
async function makeSession({ home, cwd }: Place): Promise<void> {
  const store = jsonlStore({ home: join(home, '.harnext') })
  await store.create({ type: 'session', version: 1, id, cwd, createdAt: '2026-01-01T00:00:00Z' })
  const lease = await store.lease(id, 'a test')
  const records = Array.from({ length: 300 }, (_, index) => ({
    seq: index + 1,
    time: index,
    type: 'message',
    message: {
      role: 'user',
      content: [{ type: 'text', text: `question ${index} ${'x'.repeat(2000)}` }],
    },
  }))
  const { fence } = lease
  await store.append(id, records, { expectedSeq: 0, fence })
  const end = { seq: 301, time: 301, type: 'run_end', stopReason: 'complete', durationMs: 1 }
  await store.append(id, [end], { expectedSeq: 300, fence })
  await lease.release()
}

test('of a long session the end is shown, and all of it when asked for', async () => {
  const place = await makePlace()
  await makeSession(place)
  const end = await look(['sessions', 'show', id], place)
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(end.stdout).toContain('question 299 ')
  expect(end.stdout).not.toContain('question 0 ')
  const count = end.stdout.match(/^question /gm)?.length
  expect(end.stdout).toContain(`only its last ${count} messages; harnext sessions show ${id} --all`)
  const all = await look(['sessions', 'show', id, '--all'], place)
  expect(all.stdout.match(/^question /gm)).toHaveLength(300)
  expect(all.stdout).toMatch(/; 0 tokens, /)
  const json = await look(['sessions', 'show', id, '--output-format', 'json'], place)
  expect(JSON.parse(json.stdout)).toMatchObject({ messages: { length: 300 } })
})
