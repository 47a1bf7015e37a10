import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SessionCorrupt } from '../../src/errors.ts'
import { encodeLine } from '../../src/session/jsonl-line.ts'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import type { SessionHeader, SessionRecord } from '../../src/session/store.ts'
import { codeOf, header, records, releasingLeases } from './store-parts.ts'
import { memoryFolder, temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes(memoryFolder)
const releasing = releasingLeases()

function lineOf(value: SessionHeader | SessionRecord): string {
  return encodeLine(JSON.stringify(value))
}

/** A log of 30 records, with what a cut may tear: characters of two, three and four bytes, escapes, an empty object. */
function sampleLog(): {
  readonly bytes: Buffer
  readonly starts: readonly number[]
  readonly all: readonly SessionRecord[]
} {
  const texts = ['ä', '\u2028', '\u{1F600}', '"\\\n', '', '}\u0000{']
  const all = Array.from({ length: 30 }, (_, index) => {
    return { seq: index + 1, time: index, type: 't', text: texts[index % 6], empty: {} }
  })
  const lines = [header('s'), ...all].map(lineOf)
  let position = 0
  const starts = lines.map((line) => (position += Buffer.byteLength(line)))
  return { bytes: Buffer.from(lines.join('')), starts: [0, ...starts], all }
}

/** A store whose session `s` has exactly these bytes. */
function storeOf(bytes: Uint8Array) {
  const home = newHome()
  const folder = join(home, 'sessions', 'f')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 's.jsonl')
  writeFileSync(path, bytes)
  const tornNames = () => readdirSync(folder).filter((name) => name.includes('.torn-'))
  const store = releasing(jsonlStore({ home, clock: () => 7_000, sync: true }))
  return { store, path, folder, tornNames }
}

describe('a log that was cut', () => {
  const { bytes, starts, all } = sampleLog()

  test('at every byte: loads, loses at most its last record, keeps the torn bytes, goes on', async () => {
    const cuts = Array.from({ length: bytes.length + 1 }, (_, cut) => cut)
    const found: unknown[] = []
    const next = cuts.values()
    // Some at a time, because each waits for the disk.
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const cut of next) found[cut] = await cutAndGoOn(cut)
      }),
    )
    expect(found).toEqual(cuts.map(expectedOf))
  }, 120_000)

  /** What is found before the repair, by it, and after it. */
  async function cutAndGoOn(cut: number): Promise<object> {
    const { store, path, tornNames } = storeOf(bytes.subarray(0, cut))
    const before = await store.read('s')
    const untouched = tornNames().length === 0 && readFileSync(path).length === cut
    const { fence, release } = await store.lease('s', 'me')
    const leased = await store.read('s')
    const expectedSeq = leased.records.length
    const added = { seq: expectedSeq + 1, time: 1, type: 'next' }
    await store.append('s', [added], { expectedSeq, fence, barrier: cut % 50 === 0 })
    await release()
    const after = await store.read('s')
    return {
      untouched,
      cwd: [before, leased, after].map((session) => session.header.cwd),
      records: [before, leased, after].map((session) => session.records.map(({ seq }) => seq)),
      same: JSON.stringify(before.records) === JSON.stringify(all.slice(0, expectedSeq)),
      tornBytes: before.tornBytes ?? 0,
      torn: leased.tornTo === undefined ? '' : readFileSync(leased.tornTo, 'latin1'),
      tornFiles: tornNames().length,
      wrong: after.damaged ?? after.tornBytes ?? null,
    }
  }

  function expectedOf(cut: number): object {
    // How many whole lines are left, and where they end.
    const lines = starts.findLastIndex((start) => start <= cut)
    const end = starts[lines] ?? 0
    const cwd = lines === 0 ? '' : header('s').cwd
    const kept = all.slice(0, Math.max(0, lines - 1)).map(({ seq }) => seq)
    return {
      untouched: true,
      cwd: [cwd, cwd, cwd],
      records: [kept, kept, [...kept, kept.length + 1]],
      same: true,
      tornBytes: cut - end,
      torn: bytes.toString('latin1', end, cut),
      tornFiles: cut > end ? 1 : 0,
      wrong: null,
    }
  }

  test('keeps each torn end, also when two are found in one millisecond', async () => {
    const { store, path, folder, tornNames } = storeOf(bytes)
    for (const [index, torn] of ['first', 'second'].entries()) {
      writeFileSync(path, torn, { flag: 'a' })
      const { release } = await store.lease('s', 'me')
      expect((await store.read('s')).tornTo).toBe(join(folder, `s.torn-${7_000 + index}`))
      await release()
    }
    expect(tornNames().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      'first',
      'second',
    ])
    expect((await store.read('s')).records).toEqual(all)
  })

  test('the torn end is told of for as long as the lease is held, and not after it', async () => {
    const { store } = storeOf(bytes.subarray(0, bytes.length - 1))
    const { fence, release } = await store.lease('s', 'me')
    await store.append('s', records(1, 29), { expectedSeq: 29, fence })
    expect((await store.read('s')).tornTo).toBeDefined()
    expect((await store.read('s')).tornTo).toBeDefined()
    await release()
    expect(await store.read('s')).not.toHaveProperty('tornTo')
  })
})

describe('a log that was changed', () => {
  const { bytes, starts, all } = sampleLog()
  const lastStart = starts.at(-2) ?? 0

  /** A store that has the log with another byte at one place reads this and nothing else. */
  async function readChanged(position: number, value: number): Promise<object> {
    const changed = Buffer.from(bytes)
    changed[position] = value
    const { records: found, damaged, tornBytes } = await storeOf(changed).store.read('s')
    return { position, value, found, damagedAt: offsetOf(damaged), tornBytes }
  }

  function offsetOf(damaged: Error | undefined): number | undefined {
    return damaged instanceof SessionCorrupt ? damaged.offset : undefined
  }

  function expectedOf(position: number, value: number): object {
    const line = starts.findLastIndex((start) => start <= position)
    const offset = starts[line] ?? 0
    // Without the newline before it, the last line is one with its neighbour.
    const torn = position >= lastStart - 1
    return {
      position,
      value,
      found: all.slice(0, Math.max(0, line - 1)),
      damagedAt: torn ? undefined : offset,
      tornBytes: torn ? bytes.length - offset : undefined,
    }
  }

  test.each([0x01, 0x20, 0x80])('one byte of it, by the bits %d', async (bits) => {
    // A step that meets every kind of place: names, digits, check sums, newlines, halves of characters.
    for (let position = bits % 5; position < bytes.length; position += 5) {
      const value = (bytes[position] ?? 0) ^ bits
      expect(await readChanged(position, value)).toEqual(expectedOf(position, value))
    }
  })

  test('any byte of one line', async () => {
    const [start, end] = [starts[7] ?? 0, starts[8] ?? 0]
    for (let position = start; position < end; position++) {
      const others = [0x00, 0x0a, 0x20, 0x30, 0x61, 0xff].filter(
        (value) => value !== bytes[position],
      )
      for (const value of others)
        expect(await readChanged(position, value)).toEqual(expectedOf(position, value))
    }
  })

  test('takes no records, and keeps its bytes', async () => {
    const changed = Buffer.from(bytes)
    const offset = starts[11] ?? 0
    changed[offset + 9] = 0
    const torn = Buffer.concat([changed, Buffer.from('torn')])
    const { store, path, tornNames } = storeOf(torn)
    const { fence, release } = await store.lease('s', 'me')
    const read = await store.read('s')
    expect(read.records).toEqual(all.slice(0, 10))
    expect((await store.read('s')).damaged).toEqual(read.damaged)
    const append = store.append('s', records(1, 10), { expectedSeq: 10, fence, barrier: true })
    await expect(append).rejects.toMatchObject({ code: 'session_corrupt', offset })
    await release()
    expect(readFileSync(path).equals(torn)).toBe(true)
    expect(tornNames()).toEqual([])
  })

  test.each([
    [
      'a lost line',
      (lines: string[]) => lines.toSpliced(5, 1),
      5,
      'record 6 stands where 5 was expected',
    ],
    [
      'a line twice',
      (lines: string[]) => lines.toSpliced(5, 0, lines[4] ?? ''),
      5,
      'record 4 stands where 5 was expected',
    ],
    [
      'an empty line',
      (lines: string[]) => lines.toSpliced(5, 0, '\n'),
      5,
      'the check sum of the line is wrong',
    ],
    [
      'no header',
      (lines: string[]) => lines.slice(1),
      0,
      'the log begins with "t", expected "session"',
    ],
    [
      'another header',
      (lines: string[]) => lines.with(0, lineOf({ ...header('s'), version: 2 as 1 })),
      0,
      'the log has format version 2, this release reads version 1',
    ],
    [
      'a line without a type',
      (lines: string[]) => lines.with(5, encodeLine('{"seq":5,"time":1}')),
      5,
      'record 5 has no type or no time',
    ],
    [
      'a line that is no object',
      (lines: string[]) => lines.with(5, encodeLine('[1,2]')),
      5,
      'the line is not JSON',
    ],
  ])('%s is damage', async (_, change, line, message) => {
    const lines = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((text) => `${text}\n`)
    const changed = change(lines)
    const { store } = storeOf(Buffer.from(changed.join('')))
    const read = await store.read('s')
    const offset = Buffer.byteLength(changed.slice(0, line).join(''))
    expect(read.damaged).toMatchObject({ code: 'session_corrupt', offset })
    expect(read.damaged?.message).toContain(message)
    expect(read.records).toEqual(all.slice(0, Math.max(0, line - 1)))
    expect(await codeOf(store.lease('s', 'me'))).toContain('no error')
  })
})
