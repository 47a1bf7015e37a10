import { execFileSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { localWorkspace } from '@harnext/core/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bash, removeOutput } from '../src/bash.ts'
import { indexTree } from '../src/tree/changes.ts'
import { call, failure, longSleep, place, testSession, withParts, type Outcome } from './helpers.ts'

/** What a message names, and is removed when the test ends. */
function spillOf({ text }: Outcome): string {
  const path = /the whole output is in (\S+?\.txt)/.exec(text)?.[1]
  onTestFinished(() => removeOutput(testSession))
  if (path === undefined) throw new Error(`No file is named in ${text.slice(0, 200)}`)
  return path
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Bytes that are in use. How much of what is free the engine gives back, and when, depends on how busy the machine is. */
function heldNow(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}

function isRunning(marker: string): boolean {
  const lines = execFileSync('ps', ['-A', '-o', 'stat=,args=']).toString().split('\n')
  return lines.some((line) => line.includes(marker) && !line.startsWith('Z'))
}

describe('bash', () => {
  test('says how it ended, and gives the output', async () => {
    const { workspace } = await place()
    const outcome = await call(bash, { command: 'echo hello' }, workspace)
    expect(outcome).toMatchObject({ isError: false, text: 'Exit code 0.\n\nhello\n' })
    expect(await call(bash, { command: 'true' }, workspace)).toMatchObject({
      text: 'Exit code 0.\n\n(no output)',
    })
  })

  test('passes the description to the person who is asked', async () => {
    const { workspace } = await place()
    const { effects } = await call(
      bash,
      { command: './nothing', description: 'Does nothing' },
      workspace,
    )
    expect(effects).toContainEqual({
      kind: 'execute',
      target: './nothing',
      part: './nothing',
      detail: 'Does nothing',
    })
  })

  test('an exit code or a signal is an error', async () => {
    const { workspace } = await place()
    expect(await call(bash, { command: 'echo no; exit 3' }, workspace)).toMatchObject({
      isError: true,
      text: 'Exit code 3.\n\nno\n',
    })
    expect(await call(bash, { command: 'kill -SEGV $$' }, workspace)).toMatchObject({
      isError: true,
      text: 'Ended by signal SIGSEGV.\n\n(no output)',
    })
    const missing = await call(bash, { command: 'no-such-program' }, workspace)
    expect(missing.text).toMatch(/^Exit code 127\.\n\n.*no-such-program: command not found/)
    expect((await call(bash, { command: 'echo "' }, workspace)).isError).toBe(true)
  })

  test('keeps both outputs in the order in which they were written', async () => {
    const { workspace } = await place()
    const command = 'for i in 1 2 3; do echo out $i; echo err $i >&2; done'
    expect((await call(bash, { command }, workspace)).text).toBe(
      'Exit code 0.\n\nout 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n',
    )
  })

  test('runs in the working directory, in a new shell, without input', async () => {
    const { workspace, root } = await place()
    expect((await call(bash, { command: 'pwd; cd /; X=1' }, workspace)).text).toContain(root)
    const command = 'echo "[$X]"; pwd; read line; echo "read: $?"; tty'
    expect((await call(bash, { command }, workspace)).text).toBe(
      `Exit code 1.\n\n[]\n${root}\nread: 1\nnot a tty\n`,
    )
  })

  test('is bash where there is one', async () => {
    const { workspace } = await place()
    const command = 'a=(1 2); [[ ${a[1]} == 2 ]] && echo "$0"'
    expect((await call(bash, { command }, workspace)).text).toBe('Exit code 0.\n\nbash\n')
  })

  test('is sh where there is no bash', async () => {
    const { workspace, root } = await place()
    const env = { PATH: join(root, 'bin') }
    await workspace.writeFile(
      'bin/sh',
      new TextEncoder().encode('#!/bin/sh\nexec /bin/sh "$@"\n'),
      {
        mode: 0o755,
      },
    )
    const bare = withParts(workspace, {
      spawn: (command, options) => workspace.spawn({ ...command, env }, options),
    })
    expect((await call(bash, { command: 'echo "$0"' }, bare)).text).toBe('Exit code 0.\n\nsh\n')
  })

  test('puts its process on record before the command runs', async () => {
    const { workspace } = await place()
    const { events } = await call(bash, { command: 'echo $$' }, workspace)
    expect(events).toEqual([
      { type: 'process', id: 'call_1', pid: expect.any(Number), startedAt: expect.any(String) },
    ])
    const command = 'echo "pid $$"'
    const outcome = await call(bash, { command }, workspace)
    expect(outcome.text).toContain(`pid ${(outcome.events[0] as { pid?: number }).pid}`)
  })

  test('ends everything when the time is over', async () => {
    const { workspace } = await place()
    const command = `echo begun; ${longSleep}777 & ${longSleep}777`
    const outcome = await call(bash, { command, timeout: 300 }, workspace)
    expect(outcome).toMatchObject({ isError: true, code: 'timeout' })
    expect(outcome.text).toMatch(
      /^Timed out after 0\.3 s, and was ended with all it had started \(signal SIGTERM\)\..*\n\nbegun\n$/,
    )
    expect(isRunning(`${longSleep}777`)).toBe(false)
  })

  test('ends everything when it is cancelled', async () => {
    const { workspace } = await place()
    const aborter = new AbortController()
    const command = `echo begun; ${longSleep}888 & ${longSleep}888`
    const outcome = await call(bash, { command }, workspace, {
      signal: aborter.signal,
      onProgress: () => aborter.abort(),
    })
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.text).toMatch(/^Cancelled, and ended .*\n\nbegun\n$/)
    expect(isRunning(`${longSleep}888`)).toBe(false)
    const before = await call(bash, { command: 'echo > ran' }, workspace, {
      signal: AbortSignal.abort(),
    })
    expect(before).toMatchObject({ isError: true, text: 'Cancelled before it was done.' })
    expect(await workspace.stat('ran')).toBeNull()
  })

  test('says that it ended what was left running', async () => {
    const { workspace } = await place()
    const outcome = await call(bash, { command: `${longSleep}999 & echo up` }, workspace)
    expect(outcome.text).toBe(
      'Exit code 0.\nWhat it had left running in the background was ended.\n\nup\n',
    )
    expect(isRunning(`${longSleep}999`)).toBe(false)
  })

  test('reports the newest output while it runs', async () => {
    const { workspace, root } = await place()
    const command = 'echo first; until [ -e go ]; do sleep 0.05; done; echo second'
    let reports = 0
    const outcome = await call(bash, { command }, workspace, {
      onProgress: () => {
        if (++reports === 1) void writeFile(join(root, 'go'), '')
      },
    })
    expect(outcome.progress[0]).toEqual({ output: 'first\n' })
    expect(outcome.text).toContain('second')
  })

  test('reports a flood by its size, not line by line', async () => {
    const { workspace } = await place()
    const { progress } = await call(bash, { command: 'seq 1 20000' }, workspace)
    expect(progress.length).toBeGreaterThan(0)
    expect(progress.length).toBeLessThan(120)
    for (const update of progress) {
      expect(JSON.stringify(update).length).toBeLessThan(5000)
      // A line that was cut off is left out.
      const [first, second] = (update as { output: string }).output.split('\n').map(Number)
      if (second) expect(second).toBe((first ?? 0) + 1)
    }
  })

  test('cuts long output to its ends and keeps all of it in a private file', async () => {
    const { workspace } = await place()
    const outcome = await call(bash, { command: 'seq 1 100000' }, workspace)
    const path = spillOf(outcome)
    expect(outcome.text.length).toBeLessThan(34_000)
    expect(outcome.text).toMatch(/^Exit code 0\.\n\n1\n2\n/)
    expect(outcome.text).toMatch(/\n99999\n100000\n$/)
    const left = Number(/\[… (\d+) characters left out/.exec(outcome.text)?.[1])
    const [head = '', tail = ''] = outcome.text.replace(/^.*\n\n/, '').split(/\n\[….*…\]\n\n/)
    expect(head.endsWith('\n')).toBe(true)
    const whole = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('')
    expect(whole.startsWith(head)).toBe(true)
    expect(whole.endsWith(tail)).toBe(true)
    expect(left).toBe(whole.length - head.length - tail.length)
    expect(await readFile(path, 'utf8')).toBe(whole)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
  })

  test('shows all of what just fits', async () => {
    const { workspace } = await place()
    const command = `head -c 32768 /dev/zero | tr '\\0' x`
    expect((await call(bash, { command }, workspace)).text).toBe(
      `Exit code 0.\n\n${'x'.repeat(32_768)}`,
    )
  })

  test('keeps a flood in its file alone', { timeout: 300_000 }, async () => {
    const { workspace } = await place()
    const bytes = Number(process.env['HARNEXT_FLOOD'] ?? 200_000_000)
    const before = heldNow()
    const residentBefore = process.memoryUsage().rss
    let [largest, resident, reports] = [0, 0, 0]
    const outcome = await call(
      bash,
      { command: `yes "$(printf 'y%.0s' $(seq 1 1000))" | head -c ${bytes}`, timeout: 280_000 },
      workspace,
      {
        onProgress() {
          if (reports++ % 10 === 0) largest = Math.max(largest, heldNow())
          resident = Math.max(resident, process.memoryUsage().rss)
        },
      },
    )
    const path = spillOf(outcome)
    expect(outcome.text).not.toContain('not complete')
    expect((await stat(path)).size).toBe(bytes)
    console.log(
      `${bytes} bytes of output: ${megabytes(largest - before)} MB more held, ${megabytes(resident - residentBefore)} MB more resident`,
    )
    expect(largest - before).toBeLessThan(64_000_000)
  })

  test('makes control characters harmless', async () => {
    const { workspace } = await place()
    const command = String.raw`printf '\033[31mred\033[0m\r\n\033]0;title\007a\tb\000\b\n'`
    expect((await call(bash, { command }, workspace)).text).toBe('Exit code 0.\n\nred\na\tb␀␈\n')
  })

  test('says what is wrong with the machine', async () => {
    const { workspace } = await place()
    const broken = withParts(workspace, { spawn: () => Promise.reject(failure('EAGAIN')) })
    expect(await call(bash, { command: 'true' }, broken)).toMatchObject({
      isError: true,
      text: 'Failed to run the command: EAGAIN: it was arranged so',
    })
    expect((await call(bash, { command: `: ${'x'.repeat(300_000)}` }, workspace)).isError).toBe(
      true,
    )
    expect((await call(bash, { command: 'a\0b' }, workspace)).isError).toBe(true)
  })

  test('does not run when its process cannot be put on record', async () => {
    const { workspace } = await place()
    const broken = withParts(workspace, {
      spawn: (command, options) =>
        workspace.spawn(command, {
          ...options,
          onStart: () => Promise.reject(failure('ENOSPC')),
        }),
    })
    const outcome = await call(bash, { command: 'echo > ran' }, broken)
    expect(outcome).toMatchObject({ isError: true })
    await delay(0)
    expect(await workspace.stat('ran')).toBeNull()
  })

  test('takes only sensible times', async () => {
    const { workspace } = await place()
    for (const timeout of [0, 600_001, 1.5, '10'])
      expect((await call(bash, { command: 'true', timeout }, workspace)).code).toBe('invalid')
  })
})

test('cancelled commands leave no process', { timeout: 300_000 }, async () => {
  const { workspace } = await place()
  const count = Number(process.env['HARNEXT_CANCELLED'] ?? 30)
  const forms = [
    `${longSleep}951`,
    `${longSleep}951 & ${longSleep}951 & wait`,
    `(trap "" TERM; ${longSleep}951; ${longSleep}951)`,
    `setsid ${longSleep}951 & ${longSleep}951`,
    `bash -ic "${longSleep}951 & ${longSleep}951"`,
    `yes | ${longSleep}951`,
  ]
  const cancelled = async (index: number): Promise<void> => {
    const aborter = new AbortController()
    const command = `echo begun; ${forms[index % forms.length]}`
    // Some at once, some when it is under way.
    const timer = setTimeout(() => aborter.abort(), (index * 7) % 90)
    const { isError } = await call(bash, { command }, workspace, { signal: aborter.signal })
    clearTimeout(timer)
    expect(isError).toBe(true)
  }
  for (let done = 0; done < count; done += 10)
    await Promise.all(
      Array.from({ length: Math.min(10, count - done) }, (_, index) => cancelled(done + index)),
    )
  expect(isRunning('300.951')).toBe(false)
})

describe('what a command changed', () => {
  test('is found by looking before and after', async () => {
    const { workspace, root } = await place({
      '.gitignore': 'ignored\n',
      'same.txt': 'a',
      'edited.txt': 'a',
      'gone.txt': 'a',
      '.env': 'KEY=1',
    })
    await mkdir(join(root, '.git'))
    const command =
      'echo b > edited.txt; rm gone.txt; mkdir -p new/deep; echo > new/deep/file; echo KEY=2 >> .env; echo > ignored; ln -s same.txt link; echo > .git/x; cat same.txt'
    const outcome = await call(bash, { command }, workspace)
    expect(outcome).toMatchObject({ isError: false, changesComplete: true })
    expect(outcome.changes).toEqual(
      ['.env', 'edited.txt', 'gone.txt', 'link', 'new/deep/file'].map((path) => join(root, path)),
    )
    const failed = await call(bash, { command: 'echo > more; exit 1' }, workspace)
    expect(failed).toMatchObject({ isError: true, changesComplete: true })
    expect(failed.changes).toEqual([join(root, 'more')])
    expect(await call(bash, { command: 'cat same.txt' }, workspace)).toMatchObject({ changes: [] })
  })

  test('in every root', async () => {
    const { root } = await place()
    const other = await place({ a: '1' })
    const workspace = localWorkspace({ roots: [root, other.root] })
    const outcome = await call(bash, { command: `echo 22 > ${other.root}/a` }, workspace)
    expect(outcome.changes).toEqual([join(other.root, 'a')])
  })

  test('is not known where it cannot be seen', async () => {
    const { workspace, root } = await place({ a: '', b: '', c: '' })
    const { signal } = new AbortController()
    expect((await indexTree(workspace, signal))?.size).toBe(3)
    expect(await indexTree(workspace, signal, 2)).toBeNull()
    let reads = 0
    const broken = withParts(workspace, {
      readDirectory: () => {
        reads++
        return Promise.reject(failure('EACCES'))
      },
    })
    for (const name of ['d', 'e']) {
      const outcome = await call(bash, { command: `echo > ${name}` }, broken)
      expect(outcome).toMatchObject({ isError: false, changes: [] })
      expect(outcome.changesComplete).toBeUndefined()
    }
    expect(reads).toBe(1)
    expect((await stat(join(root, 'e'))).isFile()).toBe(true)
  })
})
