import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startWatch } from './stopwatch.mjs'

// What a home with many sessions, or a very long one, costs: `sessions.mjs <list | open | idle> <floor | harnext> <size>`. Says the sample as
// JSON. The floor is what the file system alone takes.

/** @typedef {import('@harnext/core').SessionRecord} SessionRecord */

const [what = '', who = '', size = '0'] = process.argv.slice(2)
const { Session, recentMessages } = await import('@harnext/core')
const { jsonlStore } = await import('@harnext/core/node')
const home = mkdtempSync(path.join(tmpdir(), 'harnext-bench-sessions-'))
const root = path.join(home, 'sessions')

/**
 * @param {string} id
 * @param {Iterable<readonly SessionRecord[]>} batches
 */
async function write(id, batches) {
  const store = jsonlStore({ home })
  const cwd = '/project'
  await store.create({
    type: 'session',
    version: 1,
    id,
    cwd,
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  const lease = await store.lease(id, 'bench')
  let expectedSeq = 0
  for (const records of batches) {
    await store.append(id, records, { expectedSeq, fence: lease.fence })
    expectedSeq += records.length
  }
  await lease.release()
}

/** @param {number} seq @param {string} text @returns {SessionRecord} */
function said(seq, text) {
  const message = { role: 'user', content: [{ type: 'text', text }] }
  return { seq, time: seq, type: 'message', message }
}

/** @param {number} megabytes */
function* batchesOf(megabytes) {
  const text = 'x'.repeat(100_000)
  for (let seq = 1; seq <= megabytes * 10; seq++) yield [said(seq, `${seq} ${text}`)]
}

/** The log of another session, under other names: each is found by its name. @param {number} count */
async function writeMany(count) {
  await write('first', [[said(1, 'the task')]])
  const [folder = ''] = readdirSync(root)
  const bytes = readFileSync(path.join(root, folder, 'first.jsonl'))
  rmSync(path.join(root, folder), { recursive: true })
  for (let number = 0; number < count; number++) {
    mkdirSync(path.dirname(fileOf(number)), { recursive: true })
    writeFileSync(fileOf(number), bytes)
  }
}

function fileOf(/** @type {number} */ number) {
  return path.join(root, `folder-${number % 100}`, `${number}.jsonl`)
}

const measurements = {
  async list() {
    await writeMany(Number(size))
    const list = () => (who === 'floor' ? logsOf() : jsonlStore({ home }).list())
    // The first time makes the index, and the second compiles.
    for (let warmUp = 0; warmUp < 3; warmUp++) await list()
    const times = []
    for (let round = 0; round < 5; round++) {
      const elapsed = startWatch()
      const { length } = await list()
      times.push(elapsed().wallMs)
      if (length !== Number(size)) throw new Error(`Listed ${length} of ${size} sessions.`)
    }
    return { wallMs: times.toSorted((a, b) => a - b)[2] ?? 0 }
  },
  async open() {
    await write('0', batchesOf(Number(size)))
    const file = path.join(root, readdirSync(root)[0] ?? '', '0.jsonl')
    const elapsed = startWatch()
    if (who === 'floor') readFileSync(file)
    else {
      const { messages } = await recentMessages(jsonlStore({ home }), '0')
      if (messages.length < 20) throw new Error(`Read ${messages.length} messages.`)
    }
    return { wallMs: elapsed().wallMs }
  },
  async idle() {
    const count = Number(size)
    await writeMany(count)
    const store = jsonlStore({ home })
    const before = memory()
    const held = []
    for (let number = 0; number < count; number++)
      held.push(
        who === 'floor'
          ? readFileSync(fileOf(number))
          : await Session.open(store, String(number), { owner: 'bench', clock: Date.now }),
      )
    const memoryKB = (memory() - before) / count
    for (const one of held) if (!Buffer.isBuffer(one)) await one.close()
    return { memoryKB }
  },
}

function logsOf() {
  const folders = readdirSync(root).filter((name) => !name.startsWith('.'))
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => statSync(path.join(root, folder, name))),
  )
}

/** KB that the process holds, garbage aside. */
function memory() {
  for (let round = 0; round < 4; round++) globalThis.gc?.()
  return process.memoryUsage().rss / 1024
}

mkdirSync(root)
try {
  const measure = measurements[/** @type {keyof typeof measurements} */ (what)]
  process.stdout.write(`${JSON.stringify(await measure())}\n`)
} finally {
  rmSync(home, { recursive: true, force: true })
}
