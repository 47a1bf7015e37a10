import { chmod, copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { runnerLabel } from '../src/git-hub.ts'
import { Runner } from '../src/index.ts'
import { countJobs } from '../src/runner/jobs.ts'
import { launchd } from '../src/runner/launchd.ts'
import type { Machine } from '../src/runner/machine.ts'
import { systemd } from '../src/runner/systemd.ts'
import { makePlace } from './github/place.ts'

vi.setConfig({ testTimeout: 60_000 })

const label = runnerLabel({ owner: 'acme', name: 'app' })

async function makeRunner({
  hasLogin = true,
  machine = {},
}: { readonly hasLogin?: boolean; readonly machine?: Partial<Machine> } = {}) {
  const place = await makePlace()
  const home = path.join(place.root, 'home of me')
  const services = path.join(place.root, 'services')
  await mkdir(home)
  if (hasLogin) await writeFile(path.join(home, '.gh-login'), 'owner-token')
  for (const name of ['systemctl', 'journalctl', 'loginctl', 'launchctl']) {
    await copyFile(
      path.join(import.meta.dirname, 'github/service-manager.mjs'),
      path.join(place.bin, name),
    )
    await chmod(path.join(place.bin, name), 0o755)
  }
  const env = { HOME: home, SERVICES: services }
  const processes: typeof place.processes = {
    run: (call) => place.processes.run({ ...call, env: { ...env, ...call.env } }),
    lines: (call) => place.processes.lines({ ...call, env: { ...env, ...call.env } }),
  }
  const runner = new Runner({
    repo: place.clone,
    processes,
    machine: {
      home,
      harnextHome: path.join(home, '.harnext'),
      hostname: 'build box.local',
      platform: 'linux',
      architecture: 'x64',
      uid: 501,
      path: `${place.bin}:${process.env['PATH']}`,
      ...machine,
    },
  })
  const folder = path.join(home, '.harnext/runners', label)
  return {
    ...place,
    runner,
    home,
    folder,
    /** What the programs of GitHub's runner were given. */
    calls: () => readFile(path.join(folder, 'calls.txt'), 'utf8'),
    services: () => readFile(path.join(services, 'calls.txt'), 'utf8'),
    journal: (text: string) => writeFile(path.join(services, `${label}.service.journal`), text),
  }
}

test('seed 4: install registers a runner for one job at a time; again it does nothing', async () => {
  const { runner, server, calls, services, folder } = await makeRunner()
  expect(await runner.install({ service: 'systemd', labels: ['gpu'] })).toEqual({
    changed: ['files', 'service'],
    labels: ['self-hosted', label, 'gpu'],
    ephemeral: true,
    problems: [],
  })
  expect(server.state.runners).toMatchObject([
    {
      name: expect.stringMatching(new RegExp(`^${label}-build-box-local-\\d+$`)),
      labels: ['self-hosted', label, 'gpu'],
    },
  ])
  // The secret of the job goes by the environment.
  expect(await calls()).toBe('run 0 jit-secret\n')
  expect((await stat(path.join(folder, 'start.sh'))).mode & 0o777).toBe(0o700)
  const before = await services()
  expect((await runner.install({ service: 'systemd', labels: ['gpu'] })).changed).toEqual([])
  expect((await services()).slice(before.length)).toMatch(/^systemctl --user is-active .*\n$/)
  expect((await runner.install({ labels: ['gpu', 'big'] })).changed).toEqual(['service'])
  expect(server.state.runners.at(-1)?.labels).toEqual(['self-hosted', label, 'gpu', 'big'])
})

test('seed 4: status says what runs, what GitHub knows, and how the jobs of a day went', async () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  const { runner, server, journal } = await makeRunner({ machine: { now: () => now } })
  const none = { pickedUp: 0, ok: 0, failed: 0 }
  expect(await runner.status()).toEqual({
    active: false,
    registered: false,
    online: false,
    labels: [],
    jobs24h: none,
  })
  await runner.install()
  await journal(
    [
      '2026-11-20 11:59:59Z: Running job: old',
      '2026-11-20 12:00:00Z: Running job: work',
      '2026-11-20 12:10:00Z: Job work completed with result: Succeeded',
      '2026-11-21 08:00:00Z: Running job: finish',
      '2026-11-21 08:01:00Z: Job finish completed with result: Failed',
      '2026-11-21 09:00:00Z: Running job: work',
      'Job x completed with result: Succeeded',
    ].join('\n'),
  )
  const [own] = server.state.runners
  if (own) own.status = 'online'
  // Another machine serves the same repository.
  server.state.runners.push({
    id: 9,
    name: `${label}-build-box-local2-17`,
    status: 'online',
    labels: [],
  })
  expect(await runner.status()).toEqual({
    active: true,
    registered: true,
    online: true,
    labels: ['self-hosted', label],
    jobs24h: { pickedUp: 3, ok: 1, failed: 1 },
  })
  expect(await runner.uninstall()).toEqual({
    removed: ['service', 'registration', 'files'],
    problems: [],
  })
  expect(server.state.runners).toMatchObject([{ id: 9 }])
})

test('seed 4: logs are lines; following goes on until the loop is left', async () => {
  const { runner, journal, root } = await makeRunner()
  await runner.install()
  await journal('one\ntwo\nthree\n')
  const lines: string[] = []
  for await (const line of runner.logs({ lines: 2 })) lines.push(line)
  expect(lines).toEqual(['two', 'three'])
  for await (const line of runner.logs({ follow: true })) if (line === 'following') break
  const pid = Number(await readFile(path.join(root, 'services/follower.pid'), 'utf8'))
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10_000)
  const stop = new AbortController()
  const following = (async () => {
    for await (const line of runner.logs({ follow: true, signal: stop.signal }))
      if (line === 'following') stop.abort()
  })()
  await expect(following).rejects.toThrow('aborted')
})

test('uninstall removes what it can and says what it could not', async () => {
  const { runner, server, home, folder } = await makeRunner()
  expect(await runner.uninstall()).toEqual({ removed: [], problems: [] })
  await runner.install()
  server.state.tokens.clear()
  const { removed, problems } = await runner.uninstall()
  expect(removed).toEqual(['service', 'files'])
  expect(problems).toEqual([expect.stringContaining('Bad credentials')])
  await expect(stat(folder)).rejects.toThrow('ENOENT')
  await expect(stat(path.join(home, '.config/systemd/user', `${label}.service`))).rejects.toThrow(
    'ENOENT',
  )
})

test('without a login that the service finds, one registration stays', async () => {
  const { runner, calls, server } = await makeRunner({ hasLogin: false })
  await expect(runner.install({ ephemeral: true })).rejects.toThrow('gh auth login')
  expect(await runner.install()).toMatchObject({
    changed: ['files', 'registration', 'service'],
    ephemeral: false,
  })
  const name = `${label}-build-box-local`
  expect(await calls()).toBe(
    `config --unattended --replace --url https://github.com/acme/app --name ${name} --labels self-hosted,${label} registration-token\nrun 0 none\n`,
  )
  expect((await runner.install()).changed).toEqual([])
  expect((await runner.install({ labels: ['gpu'] })).changed).toEqual(['registration', 'service'])
  expect(server.requests.some(({ line }) => line.includes('generate-jitconfig'))).toBe(false)
})

test('a public repository is refused until a person looks at every pull request of a stranger', async () => {
  const { runner, server } = await makeRunner()
  server.state.isPrivate = false
  await expect(runner.install()).rejects.toThrow(
    'acme/app is public, and pull requests from forks may run without approval: its setting is "first_time_contributors", expected "all_external_contributors".',
  )
  expect(server.requests.map(({ line }) => line)).not.toContain(
    'GET repos/acme/app/actions/runners/downloads',
  )
  server.state.approvalPolicy = 'all_external_contributors'
  expect((await runner.install()).changed).toEqual(['files', 'service'])
  await runner.uninstall()
  server.state.approvalPolicy = 'first_time_contributors'
  expect((await runner.install({ allowPublic: true })).changed).toEqual(['files', 'service'])
})

test('launchd: the same, by its own file', async () => {
  const { runner, calls, services, home } = await makeRunner({ machine: { platform: 'darwin' } })
  expect((await runner.install()).changed).toEqual(['files', 'service'])
  expect((await runner.install()).changed).toEqual([])
  expect(await runner.status()).toMatchObject({ active: true, registered: true })
  expect((await runner.install({ labels: ['gpu'] })).changed).toEqual(['service'])
  expect(await calls()).toBe('run 0 jit-secret\nrun 0 jit-secret\n')
  expect(await services()).toContain(`launchctl bootout gui/501/dev.harnext.${label}\n`)
  await runner.uninstall()
  await expect(
    stat(path.join(home, 'Library/LaunchAgents', `dev.harnext.${label}.plist`)),
  ).rejects.toThrow('ENOENT')
})

test('what was changed on the way is not installed', async () => {
  const { runner, server, folder } = await makeRunner()
  server.state.checksum = '0'.repeat(64)
  await expect(runner.install()).rejects.toThrow(`GitHub says ${'0'.repeat(64)}`)
  await expect(stat(folder)).rejects.toThrow('ENOENT')
  const other = await makeRunner({ machine: { platform: 'freebsd' } })
  await expect(other.runner.install()).rejects.toThrow('GitHub has no runner for freebsd on x64.')
  await expect(other.runner.install({ labels: ["x' || true"] })).rejects.toThrow(
    'A label of a runner',
  )
})

test('a service that does not start is an error that says why', async () => {
  const { runner, bin } = await makeRunner()
  await writeFile(path.join(bin, 'systemctl'), '#!/bin/bash\necho no bus >&2\nexit 1\n')
  await expect(runner.install()).rejects.toThrow(
    /The service did not start: .*systemctl --user daemon-reload: no bus/,
  )
})

test('names of folders are quoted in the files of the services', () => {
  const service = {
    name: 'x',
    description: 'of a&b 100%',
    folder: '/home/a b',
    program: '/home/a b/50%/"start".sh',
    path: '/bin',
    logFile: '/l<og',
  }
  const unit = systemd(service, '/home').contents
  expect(unit).toContain('ExecStart="/home/a b/50%%/\\"start\\".sh"\nWorkingDirectory=/home/a b\n')
  expect(launchd(service, '/home', 1).contents).toContain('<string>/l&lt;og</string>')
})

test('only lines with a time are counted', () => {
  expect(countJobs(['Running job: a', '2026-11-21 08:00:00Z: Running job: b\r'], 0)).toEqual({
    pickedUp: 1,
    ok: 0,
    failed: 0,
  })
})
