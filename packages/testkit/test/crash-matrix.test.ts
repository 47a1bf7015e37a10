import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { crashMatrix } from '../src/index.ts'

vi.setConfig({ testTimeout: 300_000 })

const store = new URL('crash-store.ts', import.meta.url)

describe('crashMatrix', () => {
  test('the plainest agent with sessions in files passes', async () => {
    const report = await crashMatrix({ store, kills: 5, seed: 3 })
    expect(report.problems).toEqual([])
    expect(report.kills).toBe(5)
    expect(report.killsInCalls).toBeGreaterThanOrEqual(2)
    expect(report.sessions).toBeGreaterThan(0)
  })

  test('a store that says too early that a record is safe is found out', async () => {
    const { problems } = await crashMatrix({
      store: new URL('broken-store.ts', import.meta.url),
      kills: 4,
      seed: 3,
    })
    expect(problems.map(({ problem }) => problem).join('\n')).toMatch(/was acknowledged/)
  })

  test('an agent that does everything again is found out', async () => {
    const { problems } = await crashMatrix({
      agent: fileURLToPath(new URL('broken-agent.ts', import.meta.url)),
      store,
      kills: 4,
      seed: 3,
    })
    expect(problems.map(({ problem }) => problem).join('\n')).toMatch(/took effect 2 times/)
  })

  test('says what a module lacks', async () => {
    await expect(crashMatrix({ store: new URL('one-word.ts', import.meta.url) })).rejects.toThrow(
      /must export a function store; got undefined/,
    )
  })
})
