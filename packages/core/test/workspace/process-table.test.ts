import { describe, expect, test } from 'vitest'
import { linuxProcessTable, parseStat } from '../../src/workspace/linux-process-table.ts'
import { parsePs, psProcessTable } from '../../src/workspace/ps-process-table.ts'

describe.each([
  ['linux', linuxProcessTable()],
  ['ps', psProcessTable()],
])('%s', (name, table) => {
  test('finds this process, the same each time', async ({ skip }) => {
    if (name === 'linux' && process.platform !== 'linux') skip('needs /proc')
    const entry = await table.find(process.pid)
    expect(entry).toMatchObject({ pid: process.pid })
    expect(await table.startOf(entry?.startedAt ?? '')).toBe(entry?.started)
    expect((await table.list()).find(({ pid }) => pid === process.pid)?.group).toBe(entry?.group)
    expect((await table.find(process.ppid))?.started).toBeLessThanOrEqual(entry?.started ?? 0)
  })

  test('finds nothing where nothing is', async ({ skip }) => {
    if (name === 'linux' && process.platform !== 'linux') skip('needs /proc')
    // Above the largest id that Linux and macOS give.
    expect(await table.find(4_194_305)).toBeNull()
    expect(await table.startOf('nonsense')).toBeNull()
  })
})

const stat = (name: string, state: string): string =>
  `42 (${name}) ${state} 1 40 39 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1 1\n`

test('parseStat copes with a program name that looks like the rest', () => {
  expect(parseStat(stat('a) Z 1 2 (b', 'S'), 'boot')).toEqual({
    pid: 42,
    parent: 1,
    group: 40,
    session: 39,
    started: 12345,
    startedAt: 'boot:12345',
  })
  expect(parseStat(stat('sh', 'Z'), 'boot')).toBeNull()
  expect(parseStat(null, 'boot')).toBeNull()
})

test('parsePs reads the lines of macOS and Linux, without the dead', () => {
  const text = `    1     0     1 Ss   Sat Nov  1 02:04:09 2026
  812     1   800 S+   Sat Nov 21 02:04:10 2026
  813     1   800 Z    Sat Nov 21 02:04:11 2026
`
  expect(parsePs(text)).toEqual([
    {
      pid: 1,
      parent: 0,
      group: 1,
      session: 1,
      started: Date.UTC(2026, 10, 1, 2, 4, 9),
      startedAt: '2026-11-01T02:04:09.000Z',
    },
    {
      pid: 812,
      parent: 1,
      group: 800,
      session: 800,
      started: Date.UTC(2026, 10, 21, 2, 4, 10),
      startedAt: '2026-11-21T02:04:10.000Z',
    },
  ])
})
