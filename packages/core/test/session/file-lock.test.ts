import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockFile } from '../../src/node.ts'
import { temporaryHomes } from './temporary-homes.ts'

const home = temporaryHomes()

test('one holds it at a time, the others wait, also inside of one process', async () => {
  const file = join(home(), 'a.lock')
  const order: string[] = []
  const first = await lockFile(file)
  const second = lockFile(file).then((lock) => {
    order.push('second')
    lock.close()
  })
  await expect(lockFile(file, { timeout: 20 })).rejects.toMatchObject({ code: 'file_lock' })
  order.push('first is done')
  first.close()
  await second
  expect(order).toEqual(['first is done', 'second'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('whoever waits can be called off', async () => {
  const file = join(home(), 'a.lock')
  const held = await lockFile(file)
  const aborter = new AbortController()
  const waiting = lockFile(file, { signal: aborter.signal })
  aborter.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(lockFile(file, { signal: aborter.signal })).rejects.toThrow('enough')
  held.close()
})

test('it dies with its process', async () => {
  const file = join(home(), 'a.lock')
  const program = `import { lockFile } from '@harnext/core/node'
    await lockFile(${JSON.stringify(file)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const args = ['--conditions=@harnext/source', '--input-type=module', '--eval', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await expect(lockFile(file, { timeout: 20 })).rejects.toMatchObject({ code: 'file_lock' })
  child.kill('SIGKILL')
  const lock = await lockFile(file)
  lock.close()
})

test('where no lock can be, it says so', async () => {
  const file = join(home(), 'none', 'a.lock')
  await expect(lockFile(file)).rejects.toThrow(`${file} cannot be locked: ENOENT`)
})
