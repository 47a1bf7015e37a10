import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { codeOf, header, records, releasingLeases, said } from './store-parts.ts'
import { temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes()

describe('files', () => {
  const releasing = releasingLeases()
  const cwd = '/home/me/project'
  const folder = createHash('sha256').update(cwd).digest('hex').slice(0, 12)

  async function withSession(home: string, count = 2): Promise<SessionStore> {
    const store = releasing(jsonlStore({ home, clock: () => 5_000 }))
    await store.create(header('s', { cwd }))
    const { fence, release } = await store.lease('s', 'me')
    await store.append('s', records(count), { expectedSeq: 0, fence, barrier: true })
    await release()
    return store
  }

  test('one JSON object a line, each with its check sum, for the owner alone', async () => {
    const home = newHome()
    const store = await withSession(home)
    expect(store.location).toBe(join(home, 'sessions'))
    const path = join(home, 'sessions', folder, 's.jsonl')
    const text = readFileSync(path, 'utf8')
    expect(text.endsWith('}\n')).toBe(true)
    const lines = text.trimEnd().split('\n')
    const crc = expect.stringMatching(/^[0-9a-f]{8}$/)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...header('s', { cwd }), crc },
      ...records(2).map((record) => ({ ...record, crc })),
    ])
    for (const name of readdirSync(join(home, 'sessions', folder)))
      expect([name, statSync(join(home, 'sessions', folder, name)).mode & 0o777]).toEqual([
        name,
        0o600,
      ])
    for (const made of [store.location, join(store.location, folder)])
      expect(statSync(made).mode & 0o777).toBe(0o700)
  })

  test('nothing that was written changes when more is written', async () => {
    const home = newHome()
    const store = await withSession(home)
    const path = join(home, 'sessions', folder, 's.jsonl')
    const before = readFileSync(path)
    const { fence, release } = await store.lease('s', 'me')
    await store.append('s', records(2, 2), { expectedSeq: 2, fence })
    await release()
    const after = readFileSync(path)
    expect(after.subarray(0, before.length).equals(before)).toBe(true)
    expect(after.length).toBeGreaterThan(before.length)
  })

  test('a read changes nothing, whatever it finds', async () => {
    const home = newHome()
    const store = await withSession(home)
    const path = join(home, 'sessions', folder, 's.jsonl')
    appendFileSync(path, '{"seq":3,"ti')
    const before = snapshot(store.location)
    expect(await store.read('s')).toEqual({
      header: header('s', { cwd }),
      records: records(2),
      tornBytes: 12,
    })
    await store.list()
    expect(snapshot(store.location)).toEqual(before)
  })

  test('a session that was moved or copied is found under the name of its file', async () => {
    const home = newHome()
    const store = await withSession(home)
    const path = join(home, 'sessions', folder, 's.jsonl')
    writeFileSync(join(home, 'sessions', folder, 'copy.jsonl'), readFileSync(path))
    expect((await store.read('copy')).header.id).toBe('copy')
    expect((await store.list()).map(({ id }) => id)).toEqual(['copy', 's'])
  })

  test('delete takes everything of the session and nothing of its neighbours', async () => {
    const home = newHome()
    const store = await withSession(home)
    const inside = join(home, 'sessions', folder)
    appendFileSync(join(inside, 's.jsonl'), 'torn')
    await store.create(header('s.torn-5000', { cwd }))
    await (await store.lease('s', 'me')).release()
    await (await store.lease('s.torn-5000', 'me')).release()
    expect(readdirSync(inside)).toContain('s.torn-5000')
    await store.delete('s')
    expect(readdirSync(inside).toSorted()).toEqual([
      's.torn-5000.jsonl',
      's.torn-5000.lock',
      's.torn-5000.lock.json',
    ])
  })

  test('lists what is left of damaged logs, and reads little of long ones', async () => {
    const home = newHome()
    const store = await withSession(home, 0)
    const inside = join(home, 'sessions', folder)
    const { fence, release } = await store.lease('s', 'me')
    const prompt = { seq: 1, time: 1, type: 'prompt', system: 'x'.repeat(200_000) }
    const first = { seq: 2, time: 2, type: 'message', message: said('the question') }
    const last = { seq: 3, time: 77, type: 'turn_end' }
    await store.append('s', [prompt, first, last], { expectedSeq: 0, fence })
    await release()
    const good = readFileSync(join(inside, 's.jsonl'))
    writeFileSync(join(inside, 'cut.jsonl'), good.subarray(0, good.length - 4))
    writeFileSync(join(inside, 'empty.jsonl'), '')
    writeFileSync(join(inside, 'foreign.jsonl'), 'not a log\nat all\n')
    const flipped = Buffer.from(good)
    flipped[10] = 0
    writeFileSync(join(inside, 'headless.jsonl'), flipped)
    const byId = new Map((await store.list({ cwd })).map((summary) => [summary.id, summary]))
    const { createdAt } = header('s')
    expect(byId.get('s')).toEqual({ id: 's', cwd, createdAt, updatedAt: 77, title: 'the question' })
    expect(byId.get('cut')).toEqual({
      id: 'cut',
      cwd,
      createdAt,
      updatedAt: 2,
      title: 'the question',
    })
    expect(byId.get('headless')).toMatchObject({ cwd: '', updatedAt: 77, title: 'the question' })
    for (const id of ['empty', 'foreign']) {
      const { mtimeMs } = statSync(join(inside, `${id}.jsonl`))
      expect(byId.get(id)).toMatchObject({ cwd: '', title: '', updatedAt: mtimeMs })
    }
    expect(byId.size).toBe(5)
  })

  test('a home that cannot be read is told by its name', async () => {
    const loop = join(newHome(), 'loop')
    symlinkSync(loop, loop)
    const store = jsonlStore({ home: loop })
    for (const tried of [store.list(), store.list({ cwd }), store.read('s')])
      await expect(tried).rejects.toMatchObject({
        code: 'config',
        message: expect.stringMatching(/^The sessions in .*loop.* cannot be read: ELOOP/) as string,
      })
  })

  test('what a former lease left behind never blocks', async () => {
    const home = newHome()
    const store = await withSession(home)
    const info = join(home, 'sessions', folder, 's.lock.json')
    const fences: number[] = []
    for (const left of ['', '{"owner":', '[]', '{"owner":"x","since":"y","fence":"z"}', null]) {
      if (left === null) rmSync(info)
      else writeFileSync(info, left)
      const { fence, release } = await store.lease('s', 'me')
      fences.push(fence)
      await release()
    }
    expect(fences.every((fence) => fence >= 5_000)).toBe(true)
    expect((await store.lease('s', 'me')).fence).toBeGreaterThan(fences.at(-1) ?? Infinity)
  })

  test('two stores on one folder, in one process, lock each other out', async () => {
    const home = newHome()
    const [one, two] = [await withSession(home), releasing(jsonlStore({ home }))]
    const lease = await one.lease('s', 'one')
    expect(await two.lease('s', 'two').catch((error: unknown) => error)).toMatchObject({
      code: 'session_locked',
      owner: 'one',
    })
    expect(await codeOf(two.delete('s'))).toBe('session_locked')
    expect(await codeOf(two.create(header('s', { cwd })))).toBe('config')
    await lease.release()
    await (await two.lease('s', 'two')).release()
    expect(existsSync(join(home, 'sessions', folder, 's.lock'))).toBe(true)
  })

  test('a writer that came past the lock is noticed before anything is written', async () => {
    const home = newHome()
    const store = await withSession(home)
    const path = join(home, 'sessions', folder, 's.jsonl')
    const { fence } = await store.lease('s', 'me')
    appendFileSync(path, 'from somewhere else\n')
    const size = statSync(path).size
    const attempt = store.append('s', records(1, 2), { expectedSeq: 2, fence })
    expect(await codeOf(attempt)).toBe('session_locked')
    expect(statSync(path).size).toBe(size)
  })
})

function snapshot(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => [path, readFileSync(path, 'latin1')])
}
