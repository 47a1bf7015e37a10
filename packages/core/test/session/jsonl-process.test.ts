import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import { codeOf, header, records, releasingLeases } from './store-parts.ts'
import { temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes()
const releasing = releasingLeases()
const script = fileURLToPath(new URL('child.ts', import.meta.url))
vi.setConfig({ testTimeout: 120_000 })

const started: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

function start(home: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  return remember(spawn(process.execPath, [script, home, ...args], { stdio: 'pipe' }))
}

/** With files of at most so many blocks of 512 bytes: the system refuses as a full disk does, in the middle of a write. */
function startLimited(
  blocks: number,
  home: string,
  ...args: readonly string[]
): ChildProcessWithoutNullStreams {
  const command = `ulimit -f ${blocks}; exec "$0" "$@"`
  return remember(spawn('/bin/sh', ['-c', command, process.execPath, script, home, ...args]))
}

function remember(child: ChildProcessWithoutNullStreams): ChildProcessWithoutNullStreams {
  started.push(child)
  return child
}

/** The lines of a process as they come; it ends with the process. */
function linesOf(child: ChildProcessWithoutNullStreams): AsyncIterator<string> {
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}

/** All that a process says until it ends by itself, and that it had nothing to complain about. */
async function finished(child: ChildProcessWithoutNullStreams): Promise<readonly string[]> {
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  expect([code, err]).toEqual([0, ''])
  return out.trimEnd().split('\n')
}

/** What each says, from the word on. */
async function bothAtOnce(
  children: readonly ChildProcessWithoutNullStreams[],
): Promise<readonly (readonly string[])[]> {
  const said = children.map((child) => finished(child))
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  for (const child of children) child.stdin.write('go\n')
  return (await Promise.all(said)).map((lines) => lines.slice(1))
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

describe('SIGKILL', () => {
  test.each(['sync', 'async'])('loses no acknowledged record, 10 times, %s', async (mode) => {
    const home = newHome()
    const store = releasing(jsonlStore({ home }))
    await store.create(header('s'))
    for (let round = 0; round < 10; round++) {
      const child = start(home, 'append', mode)
      const lines = linesOf(child)
      let acknowledged = 0
      // After a number of records that differs from round to round, in the middle of whatever it does then.
      for (let said = 0; said < 5 + ((round * 17) % 40); said++) {
        const { value } = await lines.next()
        if (value !== 'ready') acknowledged = Number(value)
      }
      await kill(child)
      for (let line = await lines.next(); !line.done; line = await lines.next())
        acknowledged = Number(line.value)
      const { records: kept, damaged } = await store.read('s')
      expect(damaged).toBeUndefined()
      expect(acknowledged).toBeGreaterThan(0)
      expect(kept.length).toBeGreaterThanOrEqual(acknowledged)
      for (const [index, record] of kept.entries())
        expect(record['text']).toBe('ä'.repeat(((index + 1) * 37) % 4_000))
      const { release } = await store.lease('s', 'the parent')
      await release()
    }
  })

  test('releases the lock, and what it left behind does not block', async () => {
    const home = newHome()
    const store = releasing(jsonlStore({ home }))
    await store.create(header('s'))
    const child = start(home, 'hold')
    await linesOf(child).next()
    const owner = `process ${child.pid}`
    expect(await store.lease('s', 'me').catch((error: unknown) => error)).toMatchObject({ owner })
    expect(await codeOf(store.delete('s'))).toBe('session_locked')
    // Reading needs no lock.
    expect((await store.read('s')).records).toEqual([])
    const { fence: before } = lockInfo(home)
    await kill(child)
    const { fence } = await store.lease('s', 'me')
    expect(fence).toBeGreaterThan(before)
    await store.append('s', records(1), { expectedSeq: 0, fence })
  })
})

describe('two processes', () => {
  test('never hold one lock, and both get it', async () => {
    const home = newHome()
    const store = releasing(jsonlStore({ home }))
    await store.create(header('s'))
    await bothAtOnce(['a', 'b'].map((name) => start(home, 'take-turns', name, '100')))
    const { records: kept, damaged } = await store.read('s')
    expect(damaged).toBeUndefined()
    expect(kept).toHaveLength(200)
    const fences = kept.map((record) => Number(record['fence']))
    expect(fences).toEqual(fences.toSorted((a, b) => a - b))
    expect(new Set(fences).size).toBe(200)
  })

  test('never begin one session', async () => {
    const home = newHome()
    const [one, two] = await bothAtOnce([start(home, 'create', '40'), start(home, 'create', '40')])
    for (let index = 0; index < 40; index++) {
      const outcomes = [one?.[index], two?.[index]].map((line) => line?.split(' ')[1])
      const winners = outcomes.filter((outcome) => outcome !== 'config')
      expect([index, winners.length]).toEqual([index, 1])
      const { header: made } = await jsonlStore({ home }).read(String(index))
      expect(made.metadata).toEqual({ by: Number(winners[0]) })
    }
  })
})

describe('a disk that refuses', () => {
  test('stops the session with what failed first, and keeps what was there', async () => {
    const home = newHome()
    const [said = ''] = await finished(startLimited(16, home, 'fill'))
    const { last, errors, tornBytes } = JSON.parse(said)
    expect(last).toBeGreaterThan(3)
    expect(errors).toHaveLength(3)
    expect(errors[0].code).toBe('session_write')
    expect(errors[0].message).toContain('EFBIG')
    expect(errors[0].message).toContain(`after record ${last}`)
    expect(errors[1]).toEqual(errors[0])
    expect(errors[2]).toEqual(errors[0])
    expect(tornBytes).toBeGreaterThan(0)

    const store = releasing(jsonlStore({ home }))
    const { fence } = await store.lease('s', 'the next process')
    const session = await store.read('s')
    expect(session.records).toHaveLength(last)
    expect(readFileSync(session.tornTo ?? '')).toHaveLength(tornBytes)
    await store.append('s', records(1, last), { expectedSeq: last, fence })
    expect((await store.read('s')).records).toHaveLength(last + 1)
  })

  test('a session that cannot be begun leaves nothing behind', async () => {
    const home = newHome()
    expect(await bothAtOnce([startLimited(0, home, 'create', '1')])).toEqual([['0 session_write']])
    const store = jsonlStore({ home })
    expect(await store.list()).toEqual([])
    // The folder of its working directory.
    expect(readdirSync(store.location, { recursive: true })).toHaveLength(1)
    await store.create(header('0', { cwd: '/c' }))
  })

  test('a folder that only others may write', async (context) => {
    if (process.getuid?.() === 0) {
      console.info('Root may write everywhere: the test of a read-only folder is skipped.')
      context.skip()
    }
    const home = newHome()
    mkdirSync(join(home, 'sessions'), { mode: 0o500 })
    const error = await jsonlStore({ home })
      .create(header('s'))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'config' })
    expect(String(error)).toContain('EACCES')
  })

  test('where there is no folder at all, the error names it', async () => {
    const store = jsonlStore({ home: join(script, 'home') })
    const error = await store.create(header('s')).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'config' })
    expect(String(error)).toContain(`No session can be kept in ${store.location}: ENOTDIR: `)
    expect(String(error)).toContain(script)
    expect(await store.list()).toEqual([])
  })
})

test('sqlite is loaded on first use, and its warning alone is kept back', () => {
  const program = `
    import { jsonlStore } from ${JSON.stringify(new URL('../../src/session/jsonl-store.ts', import.meta.url).href)}
    const store = jsonlStore({ home: process.argv[1] })
    const emit = process.emitWarning
    await store.list()
    console.log(process.moduleLoadList.includes('NativeModule sqlite'))
    await store.create({ type: 'session', version: 1, id: 's', cwd: '', createdAt: '' })
    console.log(process.moduleLoadList.includes('NativeModule sqlite'), process.emitWarning === emit)
    process.emitWarning('mine', 'ExperimentalWarning')`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, newHome()],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('false\ntrue true\n')
  expect(stderr).toContain('ExperimentalWarning: mine')
  expect(stderr).not.toContain('SQLite')
})

function lockInfo(home: string): { readonly fence: number } {
  const root = join(home, 'sessions')
  const [folder = ''] = readdirSync(root)
  return JSON.parse(readFileSync(join(root, folder, 's.lock.json'), 'utf8'))
}
