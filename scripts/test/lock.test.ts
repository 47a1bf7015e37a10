import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withLock } from '../lock.mjs'

let lock: string

beforeEach(() => {
  lock = path.join(mkdtempSync(path.join(tmpdir(), 'harnext-lock-')), 'lock')
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(path.dirname(lock), { recursive: true })
})

function heldBy(pids: string, renewed: number = Date.now()): void {
  mkdirSync(lock)
  writeFileSync(path.join(lock, 'pids'), pids)
  utimesSync(path.join(lock, 'pids'), renewed / 1000, renewed / 1000)
}

function deadProcess(): string {
  return String(spawnSync(process.execPath, ['--version']).pid)
}

describe('withLock', () => {
  it('is free after the work, also after work that failed', async () => {
    await withLock(lock, async () => expect(existsSync(lock)).toBe(true))
    expect(existsSync(lock)).toBe(false)
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(existsSync(lock)).toBe(false)
  })

  it('waits while a process of the holder lives, and says so', async () => {
    heldBy(`${deadProcess()} ${process.pid}`)
    let done = false
    const waiting = withLock(lock, async () => void (done = true))
    await sleep(300)
    expect(done).toBe(false)
    expect(process.stderr.write).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('Waiting for another call'),
    )
    rmSync(lock, { recursive: true })
    await waiting
    expect(done).toBe(true)
  })

  it('takes over when all processes of the holder are gone', async () => {
    heldBy(`${deadProcess()} ${deadProcess()}`)
    const work = vi.fn<() => Promise<void>>(() => Promise.resolve())
    await withLock(lock, work)
    expect(work).toHaveBeenCalledOnce()
  })

  it('takes over from a process id that stopped renewing: it may be somebody else by now', async () => {
    heldBy(String(process.pid), Date.now() - 60_000)
    const work = vi.fn<() => Promise<void>>(() => Promise.resolve())
    await withLock(lock, work)
    expect(work).toHaveBeenCalledOnce()
  })

  it('lets one call work at a time', async () => {
    const script = `
      import { appendFileSync } from 'node:fs'
      import { setTimeout } from 'node:timers/promises'
      import { withLock } from ${JSON.stringify(new URL('../lock.mjs', import.meta.url).href)}
      const [lock, log] = process.argv.slice(-2)
      for (let i = 0; i < 3; i++) await withLock(lock, async () => {
        appendFileSync(log, 'in ')
        await setTimeout(5)
        appendFileSync(log, 'out ')
      })`
    const log = path.join(path.dirname(lock), 'log')
    const args = ['--input-type=module', '-e', script, '--', lock, log]
    const exits = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, args, { stdio: 'ignore' })
      return new Promise((resolve) => child.once('exit', resolve))
    })
    expect(await Promise.all(exits)).toEqual([0, 0, 0, 0])
    expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(12))
  })
})
