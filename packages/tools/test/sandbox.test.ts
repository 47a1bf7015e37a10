import { spawnSync } from 'node:child_process'
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { Agent, ConfigError, decide, type Workspace } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call as modelCall, collect, scripted } from '@harnext/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { bash } from '../src/bash.ts'
import {
  bubblewrap,
  programHolder,
  sandboxEnvironment,
  sandboxRuntime,
  sandboxedWorkspace,
  type SandboxOptions,
} from '../src/sandbox.ts'
import { shellTools } from '../src/shell-tools.ts'
import { call, longSleep, place } from './helpers.ts'

vi.setConfig({ testTimeout: 60_000 })

const backends = await Promise.all(
  [bubblewrap, sandboxRuntime].map(async (make) => {
    const { name, probe } = make()
    const probed = await probe()
    if (!probed.works) console.log(`The tests of ${name} are skipped: ${probed.reason}`)
    return { name, make, works: probed.works }
  }),
)
const [hasBubblewrap, hasRuntime] = backends.map(({ works }) => works)

async function heldBy(
  files: { readonly [path: string]: string } = {},
  options: Partial<SandboxOptions> = {},
) {
  const made = await place(files)
  const { workspace, source } = sandboxedWorkspace(made.workspace, {
    mode: 'required',
    env: {
      PATH: process.env['PATH'],
      HOME: made.home,
      ANTHROPIC_API_KEY: 'a-secret',
      MY_TOKEN: 'x',
    },
    ...options,
  })
  const run = async (command: string): Promise<string> =>
    (await call(bash, { command }, workspace)).text
  return { ...made, workspace, source, run }
}

describe.each(backends.filter(({ works }) => works))('$name', ({ name, make }) => {
  const held = (files?: Parameters<typeof heldBy>[0], options: Partial<SandboxOptions> = {}) =>
    heldBy(files, { sandbox: make(), ...options })

  test('lets a command work in its roots, and change nothing else', async () => {
    const { run, root, home, workspace } = await held({ a: 'one' })
    expect(await run('cat a; echo two > b; mkdir -p c/d; cd c/d && pwd')).toBe(
      `Exit code 0.\n\none${root}/c/d\n`,
    )
    expect(await readFile(join(root, 'b'), 'utf8')).toBe('two\n')
    for (const target of ['/etc/harnext-x', '/usr/harnext-x', '/var/tmp/harnext-x'])
      expect(await run(`echo x > ${target}`)).toMatch(/Read-only file system/)
    // These lie in the temporary folder, of which it has one of its own.
    for (const target of [join(home, 'x'), join(root, '../x')]) {
      await run(`mkdir -p $(dirname ${target}); echo x > ${target}`)
      await expect(access(target)).rejects.toThrow('ENOENT')
    }
    expect(await run('echo x > /tmp/only-here && cat /tmp/only-here')).toContain('x')
    await expect(access('/tmp/only-here')).rejects.toThrow('ENOENT')
    const changed = await call(bash, { command: 'rm b' }, workspace)
    expect(changed).toMatchObject({ changes: [join(root, 'b')] })
  })

  test('keeps what programs obey as it is, there or not', async () => {
    const { run, root } = await held({
      '.git/config': '[core]',
      '.git/HEAD': 'ref: x',
      '.vscode/settings.json': '{}',
      '.npmrc': 'a=b',
    })
    for (const target of [
      '.git/config',
      '.git/hooks/pre-commit',
      '.vscode/settings.json',
      '.npmrc',
      '.mcp.json',
      '.claude/settings.json',
      '.harnext/x',
      '.envrc',
    ])
      expect(await run(`mkdir -p $(dirname ${target}); echo x > ${target}`)).not.toContain(
        'Exit code 0.',
      )
    expect(await run('mv .git/config .git/other; rm -rf .vscode')).not.toContain('Exit code 0.')
    expect(await run('echo x > .git/HEAD')).toContain('Exit code 0.')
    const failed = await run('echo x > .npmrc')
    expect(failed).toMatch(/^Exit code \d+\. It ran in a sandbox: /)
    // What stood in the place of the absent is gone again.
    expect((await readdir(root)).toSorted()).toEqual(['.git', '.npmrc', '.vscode'])
    expect((await readdir(join(root, '.git'))).toSorted()).toEqual(['HEAD', 'config'])
    expect(await readFile(join(root, '.npmrc'), 'utf8')).toBe('a=b')
  })

  test('hides keys: in the home, in the roots, in the environment', async () => {
    const { run, home, root } = await held({
      '.env': 'KEY=1',
      'server.pem': 'key',
      '.env.example': 'shown',
    })
    await mkdir(join(home, '.ssh'))
    await writeFile(join(home, '.ssh/id_rsa'), 'private')
    await writeFile(join(home, '.netrc'), 'password')
    const text = await run(
      `cat .env server.pem ${home}/.ssh/* ${home}/.netrc /etc/shadow; cat .env.example; env; ls -a ${home}`,
    )
    expect(text).toContain('shown')
    for (const secret of ['KEY=1', 'private', 'password', 'a-secret', 'MY_TOKEN', 'root:'])
      expect(text).not.toContain(secret)
    expect(text).toContain(`HOME=${home}`)
    expect(await readFile(join(root, '.env'), 'utf8')).toBe('KEY=1')
  })

  test('a root inside of a hidden folder is there alone', async () => {
    const { home } = await place()
    const root = join(home, '.harnext/trees/a')
    await mkdir(root, { recursive: true })
    await writeFile(join(home, '.harnext/auth.json'), 'secret')
    const { workspace } = sandboxedWorkspace(localWorkspace({ roots: [root], home }), {
      mode: 'required',
      sandbox: make(),
    })
    const outcome = await call(
      bash,
      { command: `echo x > f; ls ../..; cat ${home}/.harnext/auth.json` },
      workspace,
    )
    expect(outcome.text).not.toContain('secret')
    expect(await readFile(join(root, 'f'), 'utf8')).toBe('x\n')
  })

  test('has no network', async () => {
    const port = await listening(createServer((socket) => socket.end('hello')))
    const { run } = await held()
    expect(await run(`exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`)).toMatch(
      /Connection refused|unreachable/,
    )
    expect(await run(`curl -sS -m 20 --noproxy '' http://localhost:${port}`)).not.toContain('hello')
  })

  test('sees no other process, and leaves none', async () => {
    const { run } = await held()
    expect(await run(`kill -0 ${process.pid}`)).toContain('No such process')
    expect(await run(`setsid ${longSleep}753 >/dev/null 2>&1 & echo begun`)).toContain('begun')
    const other = await place()
    expect(
      (await call(bash, { command: 'ps -A -o args | grep -c "[s]leep 300.753"' }, other.workspace))
        .text,
    ).toContain('\n0\n')
  })

  test('has limits', async () => {
    const { run } = await held({}, { limits: { fileBytes: 1_000_000, cpuSeconds: 1 } })
    expect(await run('head -c 5000000 /dev/zero > big; wc -c < big')).toMatch(/\n1000\d{3}\n/)
    expect(await run('while :; do :; done')).toMatch(/signal|code 137|code 15[2-9]/)
    const printing = await held({}, { limits: { outputBytes: 1_000_000 } })
    expect(await printing.run('yes')).toContain('it printed more than 1000000 bytes')
    const small = await held({}, { limits: { memoryBytes: 300_000_000 } })
    // It keeps a line until it has all of it.
    const take = 'set -o pipefail; head -c 600000000 /dev/zero | tail -n 1 >/dev/null'
    expect(await small.run(take)).not.toContain('Exit code 0')
    const { run: free } = await held()
    expect(await free(`${take} && for i in t d f; do ulimit -$i; done`)).toMatch(
      /^Exit code 0\.\n\n14400\n\d+\n\d+\n$/,
    )
  })

  test('hides keys deep in the roots, also where Git ignores them, and keeps nested repositories', async () => {
    const { run, root } = await held({
      '.gitignore': 'deploy/',
      'deploy/a/b/.env': 'DEEP=1',
      'deploy/a/server.key': 'DEEP=2',
      'deploy/a/.aws/credentials': 'DEEP=3',
      'deploy/a/.env.example': 'shown',
      'inner/.git/config': '[core]',
      'inner/.git/hooks/x.sample': '#',
    })
    const text = await run(
      'cat deploy/a/b/.env deploy/a/server.key deploy/a/.aws/*; grep -r "" deploy',
    )
    expect(text).toContain('shown')
    expect(text).not.toContain('DEEP')
    for (const target of ['inner/.git/config', 'inner/.git/hooks/pre-commit'])
      expect(await run(`echo x > ${target}`)).not.toContain('Exit code 0.')
    expect(await readFile(join(root, 'deploy/a/b/.env'), 'utf8')).toBe('DEEP=1')
  })

  test('what a crash left in the place of the absent goes with the next command; an empty file of a person stays', async () => {
    const { run, root } = await held({ '.envrc': '' })
    await writeFile(join(root, '.mcp.json'), '', { mode: 0o444 })
    expect(await run('echo x > .mcp.json')).not.toContain('Exit code 0.')
    expect(await readdir(root)).toEqual(['.envrc'])
  })

  test('a run begins with what is enforced, and its commands are held', async () => {
    const { workspace, source } = await held()
    const command = 'echo x > /etc/harnext-x'
    const agent = new Agent({
      name: 'a',
      model: 'm',
      adapter: scripted([[modelCall('1', 'bash', { command })], 'Done.']),
      workspace,
      permissionMode: 'bypass',
      toolSources: [source, shellTools()],
    })
    const run = agent.run([], 'go')
    const events = await collect(run)
    expect(events).toContainEqual({
      type: 'warning',
      code: 'sandbox',
      message: `Commands run in a sandbox (${name}): only the roots can be written to; settings that programs obey are read-only; keys are not visible; limits of CPU, memory, processes and output; no network.`,
    })
    expect((await run.result).steps[0]).toMatchObject({
      status: 'error',
      output: expect.stringContaining('Read-only file system'),
    })
  })

  test('a cancelled command is gone', async () => {
    const { workspace } = await held()
    const aborter = new AbortController()
    await call(bash, { command: `echo begun; ${longSleep}852 & ${longSleep}852` }, workspace, {
      signal: aborter.signal,
      onProgress: () => aborter.abort(),
    })
    const other = await place()
    expect(
      (
        await call(
          bash,
          { command: `ps -A -o args | grep -c "[s]${longSleep.slice(1)}852"` },
          other.workspace,
        )
      ).text,
    ).toContain('\n0\n')
  })
})

test.skipIf(hasBubblewrap === false)(
  'bubblewrap gives all of the network, and never a part',
  async () => {
    const port = await listening(createServer((socket) => socket.end('hello')))
    const connect = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`
    const { run, source, workspace } = await heldBy({}, { network: true })
    expect(await run(connect)).toContain('hello')
    // What installs packages writes to its cache.
    expect(await run('npm config get cache; mkdir -p "$XDG_CACHE_HOME/x"')).toMatch(
      /^Exit code 0\.\n\n(?:npm warn .*\n)*\/tmp\/npm\n/,
    )
    const { warnings, close } = await source.open(contextOf(workspace))
    onTestFinished(close)
    expect(warnings?.[0]?.message).toMatch(/\(bubblewrap\): .*; all of the network\.$/)
    const listed = await heldBy({}, { sandbox: bubblewrap(), network: { allow: ['example.com'] } })
    expect(await listed.run(connect)).toContain('no list of domains')
  },
)

test.each([
  ['bubblewrap', false, hasBubblewrap],
  ['sandbox-runtime', { allow: ['localhost'] }, hasRuntime],
] as const)(
  'a program that is held by %s reads its roots, and writes nowhere',
  async (_name, network, works) => {
    if (works === false) return
    const { root, home } = await place({ a: 'shown', '.env': 'KEY=1', 'deep/.env': 'KEY=2' })
    await writeFile(join(home, '.netrc'), 'KEY=3')
    const hold = programHolder({ roots: [root], home, env: { PATH: process.env['PATH'], X: '1' } })
    const script = `cat a .env deep/.env ${home}/.netrc; env; echo x > b; echo x > .mcp.json; echo x > /tmp/c && echo own`
    const { command, release } = await hold(
      { program: '/bin/sh', args: ['-c', script], cwd: root },
      { network, env: { TOKEN: 'given' } },
    )
    const { program, args, env, cwd } = command
    const text = spawnSync(program, args, { env, cwd, encoding: 'utf8', timeout: 50_000 }).stdout
    await release()
    expect(text).toContain('shown')
    expect(text).toContain('TOKEN=given')
    expect(text).toContain('own')
    expect(text).not.toMatch(/KEY|X=1/)
    expect((await readdir(root)).toSorted()).toEqual(['.env', 'a', 'deep'])
    await expect(access('/tmp/c')).rejects.toThrow('ENOENT')
  },
)

describe.skipIf(hasRuntime === false)('a list of domains', () => {
  const get = (host: string, port: number) =>
    `curl -sS -m 20 -o body -w '%{http_code}' --noproxy '' http://${host}:${port}; cat body`

  test('lets a command reach these, and no other; the next command has its own', async () => {
    const port = await listening(createHttpServer((_request, response) => response.end('hello')))
    const { run, source, workspace } = await heldBy({}, { network: { allow: ['localhost'] } })
    const { warnings, close } = await source.open(contextOf(workspace))
    onTestFinished(close)
    expect(warnings?.[0]?.message).toMatch(/\(sandbox-runtime\): .*; of the network localhost\.$/)
    expect(await run(get('localhost', port))).toContain('200hello')
    expect(await run(get('127.0.0.1', port))).toMatch(/403.*blocked by network allowlist/)
    expect(await run(get('example.invalid', port))).toMatch(/403.*blocked by network allowlist/)
    const other = await heldBy({}, { network: { allow: [`localhost:${port + 1}`, 'example.com'] } })
    const [refused, reached] = await Promise.all([
      other.run(get('localhost', port)),
      run(get('localhost', port)),
    ])
    expect(refused).toContain('403')
    expect(reached).toContain('200hello')
    // Past the proxy there is nothing.
    expect(await run(`exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`)).not.toContain('hello')
  })

  test('its proxies are there while a run or a command needs them', async () => {
    const { SandboxManager: manager } = await import('@anthropic-ai/sandbox-runtime')
    const { run, source, workspace } = await heldBy({}, { network: { allow: ['localhost'] } })
    const signals = process.listeners('SIGTERM')
    const { close } = await source.open(contextOf(workspace))
    expect(manager.getProxyPort()).toBeDefined()
    expect(process.listenerCount('SIGTERM')).toBe(signals.length + 1)
    await run('true')
    expect(manager.getProxyPort()).toBeDefined()
    await close()
    expect(manager.getProxyPort()).toBeUndefined()
    expect(process.listeners('SIGTERM')).toEqual(signals)
    expect(await run('echo again')).toContain('again')
    expect(manager.getProxyPort()).toBeUndefined()
  })

  test.each(['com', '*.com', 'https://example.com', 'example.com/x', 'a b', '', '*', 'x.org:0'])(
    'refuses %j',
    async (domain) => {
      await expect(heldBy({}, { network: { allow: [domain] } })).rejects.toThrow(ConfigError)
    },
  )
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function contextOf(workspace: Workspace) {
  return { signal: new AbortController().signal, workspace }
}

describe('where there is none', () => {
  const none = {
    name: 'none',
    probe: async () => ({ works: false, reason: 'it was arranged so' }) as const,
    wrap: () => Promise.reject(new Error('not to be called')),
  }

  test('nothing runs when one is required', async () => {
    const { workspace, source, run } = await heldBy({}, { sandbox: none })
    await expect(source.open(contextOf(workspace))).rejects.toThrow(ConfigError)
    expect(await run('echo > ran')).toContain(
      'A sandbox is required, and there is none: it was arranged so.',
    )
    expect(await workspace.stat('ran')).toBeNull()
  })

  test('otherwise it is said', async () => {
    const { workspace, source, run } = await heldBy({}, { sandbox: none, mode: 'auto' })
    const opened = await source.open(contextOf(workspace))
    expect(opened.warnings).toEqual([
      { code: 'sandbox', message: 'Commands run without a sandbox: it was arranged so.' },
    ])
    expect(workspace.sandboxed).toBe(false)
    expect(await run('echo hi')).toContain('hi')
  })
})

test('the environment is an allow list', () => {
  expect(
    sandboxEnvironment(
      {
        PATH: '/bin',
        LC_ALL: 'C',
        AWS_SECRET_ACCESS_KEY: 'x',
        FOO: '1',
        LD_PRELOAD: 'x',
        TMPDIR: '/x',
      },
      { MORE: '1' },
    ),
  ).toEqual({ PATH: '/bin', LC_ALL: 'C', TMPDIR: '/tmp', MORE: '1' })
})

test('auto runs in the sandbox what it would ask about without', () => {
  const input = {
    mode: 'auto',
    call: { tool: 'bash', args: { command: 'curl x' } },
    effects: [{ kind: 'execute', target: 'rm -rf build' }],
    roots: ['/w'],
  } as const
  expect(decide({ ...input, sandboxed: true }).decision).toBe('allow')
})
