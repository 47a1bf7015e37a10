import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Command, Exit, ProcessIdentity, SpawnOptions } from '../../src/tool/workspace.ts'
import { localWorkspace } from '../../src/workspace/local-workspace.ts'
import { processesWith, uniqueSleep, until } from './processes.ts'
import { temporaryFolder } from './temporary-folder.ts'

afterEach(() => vi.unstubAllEnvs())

const sh = (script: string, rest: Partial<Command> = {}): Command => ({
  program: 'sh',
  args: ['-c', script],
  ...rest,
})

async function setup() {
  const root = await temporaryFolder()
  const workspace = localWorkspace({ roots: [root] })
  const run = async (command: Command, options: Partial<SpawnOptions> = {}) => {
    const output = { stdout: '', stderr: '' }
    const decoder = new TextDecoder()
    const exit = await workspace.spawn(command, {
      signal: new AbortController().signal,
      onOutput: (chunk, stream) => (output[stream] += decoder.decode(chunk)),
      ...options,
    })
    return { exit, ...output }
  }
  return { root, workspace, run }
}

/** Aborts a script when two of its processes sleep; afterwards none of them is there. */
const stopped = async (script: (seconds: string) => string, options?: Partial<SpawnOptions>) => {
  const { run } = await setup()
  const seconds = uniqueSleep()
  const aborter = new AbortController()
  const running = run(sh(script(seconds)), { ...options, signal: aborter.signal })
  await until(() => processesWith(`sleep ${seconds}`).length >= 2)
  aborter.abort()
  const { exit } = await running
  expect(processesWith(seconds)).toEqual([])
  return exit
}

/** Runs a script that leaves something behind; afterwards it is not there. */
const leave = async (script: (seconds: string) => string): Promise<Exit & { output: string }> => {
  const { run } = await setup()
  const seconds = uniqueSleep()
  const { exit, stdout } = await run(sh(script(seconds)))
  expect(processesWith(seconds)).toEqual([])
  return { ...exit, output: stdout }
}

/** A command whose parent was killed while it ran. */
const orphan = async (script: string, ...tied: readonly string[]) => {
  const { root, workspace } = await setup()
  const file = fileURLToPath(new URL('killed-parent.ts', import.meta.url))
  const args = ['--conditions=@harnext/source', file, root, script, ...tied]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await until(() => readFile(join(root, 'started'), 'utf8').then(Boolean, () => false))
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  const identity: ProcessIdentity = JSON.parse(await readFile(join(root, 'identity'), 'utf8'))
  return { workspace, identity }
}

describe('a command', () => {
  test('gives its output and its exit code', async () => {
    const { run } = await setup()
    expect(await run(sh('echo out; echo error >&2; exit 3'))).toEqual({
      exit: { code: 3, signal: null },
      stdout: 'out\n',
      stderr: 'error\n',
    })
  })

  test('that a signal ended says which', async () => {
    const { run } = await setup()
    expect((await run(sh('kill -9 $$'))).exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('gets its arguments untouched', async () => {
    const { run } = await setup()
    const args = ['', 'a b', '$HOME', "'", '-n', '\n', '*']
    const { stdout } = await run({ program: 'printf', args: ['[%s]', ...args] })
    expect(stdout).toBe(args.map((arg) => `[${arg}]`).join(''))
  })

  test('reads its input, and else nothing', async () => {
    const { run } = await setup()
    expect(
      (await run({ program: 'cat', args: [], input: 'x'.repeat(300_000) })).stdout,
    ).toHaveLength(300_000)
    expect((await run({ program: 'cat', args: [] })).stdout).toBe('')
  })

  test('need not read its input', async () => {
    const { run } = await setup()
    const { exit } = await run({ program: 'true', args: [], input: 'x'.repeat(1_000_000) })
    expect(exit).toEqual({ code: 0, signal: null })
  })

  test('starts in the first root or where it is told', async () => {
    const { root, run } = await setup()
    await mkdir(join(root, 'below'))
    expect((await run({ program: 'pwd', args: [] })).stdout).toBe(`${root}\n`)
    expect((await run({ program: 'pwd', args: [], cwd: 'below' })).stdout).toBe(`${root}/below\n`)
  })

  test('has no descriptor of the gate', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc')
    const { run } = await setup()
    const { stdout } = await run({ program: 'ls', args: ['/proc/self/fd'] })
    const without = execFileSync('ls', ['/proc/self/fd']).toString()
    expect(stdout).toBe(without)
  })

  test('does not get the keys of this process, unless its own environment holds them', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-secret')
    vi.stubEnv('HARMLESS', 'yes')
    const { run } = await setup()
    const { stdout } = await run({ program: 'env', args: [] })
    expect(stdout).toContain('HARMLESS=yes')
    expect(stdout).not.toContain('sk-ant-secret')
    const given = await run({
      program: 'env',
      args: [],
      env: { PATH: '/usr/bin:/bin', A_TOKEN: 'x' },
    })
    expect(given.stdout).toContain('A_TOKEN=x')
    expect(given.stdout).not.toContain('HARMLESS')
  })

  test('gets variables that a shell would not pass on', async () => {
    const { run } = await setup()
    const env = {
      PATH: '/usr/bin:/bin',
      'INPUT_A-B': 'x=y z',
      'BASH_FUNC_f%%': '() {  echo hi\n}',
      '1': '',
    }
    const { stdout } = await run({ program: 'env', args: [], env })
    for (const [name, value] of Object.entries(env)) expect(stdout).toContain(`${name}=${value}\n`)
  })

  test('that cannot begin fails with a code', async () => {
    const { root, run } = await setup()
    await writeFile(join(root, 'plain'), '', { mode: 0o644 })
    const fails = (command: Command, code: string) =>
      expect(run(command)).rejects.toMatchObject({ code })
    await fails({ program: 'no-such-program', args: [] }, 'ENOENT')
    await fails({ program: './no-such-program', args: [] }, 'ENOENT')
    await fails({ program: './plain', args: [] }, 'EACCES')
    await fails({ program: 'true', args: [], cwd: 'nothing' }, 'ENOENT')
    await fails({ program: 'true', args: [], cwd: 'plain' }, 'ENOTDIR')
    await fails({ program: 'true', args: ['x'.repeat(3_000_000)] }, 'E2BIG')
  })

  test('hands over a flood as it comes', { timeout: 60_000 }, async () => {
    const { run } = await setup()
    const size = 300_000_000
    let received = 0
    let largest = 0
    const before = process.memoryUsage().rss
    await run(
      { program: 'head', args: ['-c', String(size), '/dev/zero'] },
      {
        onOutput: (chunk) => {
          received += chunk.length
          largest = Math.max(largest, process.memoryUsage().rss)
        },
      },
    )
    expect(received).toBe(size)
    expect(largest - before).toBeLessThan(150_000_000)
  })

  test('is ended when its output cannot be handed over', async () => {
    const { run } = await setup()
    const seconds = uniqueSleep()
    const running = run(sh(`echo x; sleep ${seconds}`), {
      onOutput: () => {
        throw new Error('the disk is full')
      },
    })
    await expect(running).rejects.toThrow('the disk is full')
    expect(processesWith(seconds)).toEqual([])
  })

  test('200 at once leave no descriptor behind', { timeout: 60_000 }, async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc')
    const { run } = await setup()
    await run({ program: 'true', args: [] })
    const before = (await readdir('/proc/self/fd')).length
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, index) => run(sh(`echo ${index}`))),
    )
    expect(all.map(({ stdout }) => stdout)).toEqual(all.map((_, index) => `${index}\n`))
    await until(async () => (await readdir('/proc/self/fd')).length <= before)
  })
})

describe('the gate', () => {
  test('opens when onStart has resolved', async () => {
    const { root, run } = await setup()
    const seen: string[][] = []
    await run(sh('echo done > ran'), {
      async onStart({ pid, startedAt }) {
        expect(pid).toBeGreaterThan(1)
        expect(startedAt).not.toBe('')
        // The shell at the gate has all the time it needs to run away.
        await run(sh('sleep 0.2'))
        seen.push(await readdir(root))
      },
    })
    expect(seen).toEqual([[]])
    expect(await readdir(root)).toEqual(['ran'])
  })

  test('stays shut when onStart rejects', async () => {
    const { root, run } = await setup()
    const identities: ProcessIdentity[] = []
    const running = run(sh('echo done > ran'), {
      onStart: async (identity) => {
        identities.push(identity)
        throw new Error('the store failed')
      },
    })
    await expect(running).rejects.toThrow('the store failed')
    expect(() => process.kill(identities[0]?.pid ?? 0, 0)).toThrow(/ESRCH/)
    expect(await readdir(root)).toEqual([])
  })

  test('stays shut when the run is cancelled while onStart waits', async () => {
    const { root, run } = await setup()
    const aborter = new AbortController()
    const { exit } = await run(sh('echo done > ran'), {
      signal: aborter.signal,
      onStart: () => {
        aborter.abort()
        return new Promise(() => {})
      },
    })
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
    expect(await readdir(root)).toEqual([])
  })

  test('stays shut when the parent is killed before it was opened', async () => {
    const { root } = await setup()
    const script = fileURLToPath(new URL('killed-parent.ts', import.meta.url))
    const parent = spawn(process.execPath, ['--conditions=@harnext/source', script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const gate = Number(String((await once(parent.stdout, 'data'))[0]))
    expect(() => process.kill(gate, 0)).not.toThrow()
    parent.kill('SIGKILL')
    await once(parent, 'close')
    await until(() => !processesWith('command read').includes(gate))
    expect(await readdir(root)).toEqual([])
  })
})

describe('a command that is tied to its parent', () => {
  test('ends when the parent is killed, with all that it started', async () => {
    const seconds = uniqueSleep()
    await orphan(`trap '' TERM; sleep ${seconds} & echo > started; sleep ${seconds}`, 'tied')
    await until(() => processesWith(`sleep ${seconds}`).length === 0)
    expect(processesWith(seconds)).toEqual([])
  })

  test('is otherwise like any other, and nothing stays of its watcher', async () => {
    const { run } = await setup()
    const marker = uniqueSleep()
    const script = `: ${marker}; cat; echo error >&2; exit 3`
    const { exit, stdout } = await run(sh(script, { input: 'in' }), { tied: true })
    expect([exit, stdout]).toEqual([{ code: 3, signal: null }, 'in'])
    expect(processesWith(marker)).toEqual([])
  })

  test('ends at once when it is aborted', async () => {
    const exit = await stopped((s) => `sleep ${s} & sleep ${s}`, { tied: true })
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
  })
})

describe('aborting', () => {
  test('before anything ran is the reason of the signal', async () => {
    const { run } = await setup()
    const reason = new Error('enough')
    await expect(run(sh('true'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('ends the whole group', async () => {
    const exit = await stopped((seconds) => `sleep ${seconds} & sleep ${seconds}`)
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('ends what ignores SIGTERM', async () => {
    const exit = await stopped((s) => `trap '' TERM; sleep ${s} & sleep ${s}; sleep ${s}`)
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('lets a command that handles SIGTERM clean up', async () => {
    const exit = await stopped((s) => `trap 'exit 7' TERM; sleep ${s} & sleep ${s} & wait`)
    expect(exit).toEqual({ code: 7, signal: null })
  })

  test('ends the groups that a shell with job control made', async () => {
    const exit = await stopped((s) => `set -m; sleep ${s} & sleep ${s} & wait`)
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('ends what went into a session of its own', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs setsid')
    const exit = await stopped(
      (s) => `setsid sh -c "trap '' TERM; sleep ${s}; sleep ${s}" & sleep ${s}`,
    )
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
  })
})

describe('what a command leaves behind', () => {
  test('is ended, also when it holds the output', async () => {
    const exit = await leave((s) => `sleep ${s} & echo started`)
    expect(exit).toEqual({ code: 0, signal: null, leftovers: true, output: 'started\n' })
  })

  test('is ended, also when it has let go of the output', async () => {
    const exit = await leave((s) => `sleep ${s} >/dev/null 2>&1 & echo started`)
    expect(exit).toEqual({ code: 0, signal: null, leftovers: true, output: 'started\n' })
  })

  test(
    'is ended, also when it ignores SIGTERM or is in a group of its own',
    { timeout: 30_000 },
    async () => {
      expect(await leave((s) => `trap '' TERM; sleep ${s} & echo started`)).toMatchObject({
        leftovers: true,
      })
      expect(await leave((s) => `set -m; sleep ${s} & echo started`)).toMatchObject({
        leftovers: true,
      })
    },
  )

  test('is not reported when it ends by itself', async () => {
    expect(await leave(() => `(sleep 0.03; echo late) & echo early`)).toEqual({
      code: 0,
      signal: null,
      output: 'early\nlate\n',
    })
  })

  test('does not hang the call when it has left the session', async ({ skip }) => {
    if (process.platform !== 'linux') skip('setsid is there on Linux alone')
    const { run, root } = await setup()
    const { exit, stdout } = await run(
      sh(
        `setsid sh -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do :; done; echo started`,
      ),
    )
    expect(exit).toMatchObject({ code: 0 })
    expect(stdout).toBe('started\n')
    process.kill(Number(await readFile(join(root, 'pid'), 'utf8')), 'SIGKILL')
  })
})

describe('endProcess', () => {
  test('ends the group of a command whose parent was killed', async () => {
    const seconds = uniqueSleep()
    const { workspace, identity } = await orphan(
      `sleep ${seconds} & echo > started; sleep ${seconds}`,
    )
    expect(processesWith(seconds).length).toBeGreaterThan(0)
    expect(await workspace.endProcess(identity)).toBe(true)
    expect(processesWith(seconds)).toEqual([])
    expect(await workspace.endProcess(identity)).toBe(false)
  })

  test('ends what its leader left behind, also what ignores SIGTERM', async () => {
    const seconds = uniqueSleep()
    const { workspace, identity } = await orphan(
      `trap '' TERM; sleep ${seconds} & echo > started; exec sleep 300`,
    )
    process.kill(identity.pid, 'SIGKILL')
    await until(() => !processesWith('sleep 300').includes(identity.pid))
    expect(processesWith(seconds)).toHaveLength(1)
    expect(await workspace.endProcess(identity)).toBe(true)
    expect(processesWith(seconds)).toEqual([])
  })

  test('leaves a process alone that merely has the same id', async () => {
    const { workspace, run } = await setup()
    const seconds = uniqueSleep()
    const aborter = new AbortController()
    const identities: ProcessIdentity[] = []
    const running = run(sh(`sleep ${seconds} & sleep ${seconds}`), {
      signal: aborter.signal,
      onStart: async (identity) => void identities.push(identity),
    })
    await until(() => processesWith(`sleep ${seconds}`).length >= 2)
    const [identity] = identities
    if (!identity) throw new Error('it was not told of the start')
    const [boot, ticks] = identity.startedAt.split(':')
    const earlier = `${boot}:${Number(ticks) - 1}`
    const otherBoot = `00000000-0000-0000-0000-000000000000:${ticks}`
    for (const startedAt of [earlier, otherBoot, 'nonsense', ''])
      expect(await workspace.endProcess({ pid: identity.pid, startedAt })).toBe(false)
    expect(processesWith(`sleep ${seconds}`).length).toBeGreaterThanOrEqual(2)
    expect(await workspace.endProcess(identity)).toBe(true)
    expect((await running).exit).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test('never touches this process, its group, or everything', async () => {
    const { workspace, run } = await setup()
    let startedAt = ''
    await run(sh('true'), { onStart: async (identity) => void (startedAt = identity.startedAt) })
    for (const pid of [0, 1, -1, -process.pid, 1.5, process.pid])
      expect(await workspace.endProcess({ pid, startedAt })).toBe(false)
  })
})
