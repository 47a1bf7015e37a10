import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { memoryStore, type SessionStore } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { afterEach, describe, expect, it } from 'vitest'
import { sessionStoreChecks, testSessionStore } from '../src/index.ts'

const homes: string[] = []
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true })
})
function newHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'harnext-store-'))
  homes.push(home)
  return home
}

describe.each<[string, () => SessionStore]>([
  ['memoryStore', () => memoryStore()],
  ['jsonlStore', () => jsonlStore({ home: newHome() })],
  ['jsonlStore, synchronous', () => jsonlStore({ home: newHome(), sync: true })],
])('%s', (_name, newStore) => {
  for (const { name, run } of sessionStoreChecks(newStore))
    it(`a store ${name}`, () => expect(run()).resolves.toBeUndefined(), 60_000)
})

type Broken = (inner: SessionStore) => Partial<SessionStore>

describe('a store that', () => {
  it.each<[string, Broken]>([
    [
      'forgets a record',
      (inner) => ({
        append: (id, records, options) => inner.append(id, records.slice(0, 2), options),
      }),
    ],
    ['reads all, whatever was asked for', (inner) => ({ read: (id) => inner.read(id) })],
    [
      'lets everybody write',
      () => ({
        lease: async () => ({ fence: 1, release: async () => {} }),
      }),
    ],
    ['deletes nothing', () => ({ delete: async () => {} })],
    [
      'lists in another order',
      (inner) => ({
        list: async (options) => (await inner.list(options)).toReversed(),
      }),
    ],
    [
      'throws what it likes',
      (inner) => ({
        read: (id) => inner.read(id).catch(() => Promise.reject(new Error('something'))),
      }),
    ],
  ])('%s', async (_what, broken) => {
    const results = await testSessionStore(() => {
      const inner = memoryStore()
      return { ...inner, ...broken(inner) }
    })
    expect(results.map(({ status }) => status)).toContain('failed')
  })
})
