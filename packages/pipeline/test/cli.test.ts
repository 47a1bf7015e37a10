import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { Harness } from '../src/index.ts'
import { makePlace, type Place } from './github/place.ts'

vi.setConfig({ testTimeout: 120_000 })

const main = path.join(import.meta.dirname, '../../../apps/cli/src/main.ts')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real command line, in the clone, with the programs of the place. */
async function harnext(place: Place, ...args: readonly string[]): Promise<Ended> {
  const home = path.join(place.root, 'home')
  await mkdir(home, { recursive: true })
  await writeFile(path.join(home, '.gh-login'), 'owner-token')
  const child = spawn(
    process.execPath,
    ['--conditions=@harnext/source', '--disable-warning=ExperimentalWarning', main, ...args],
    {
      cwd: place.clone,
      env: {
        PATH: `${place.bin}:${process.env['PATH']}`,
        HOME: home,
        GH_LOOPBACK: place.server.url,
        SERVICES: path.join(place.root, 'services'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

test('harnext setup writes what Harness writes; --dry-run shows it first and changes nothing', async () => {
  const place = await makePlace()
  const harness = new Harness({ repo: place.clone, provider: 'openai' })
  await harness.setup({ stages: ['plan', 'implement'], merge: 'manual', sandbox: 'auto' })
  const args = [
    'setup',
    '--provider',
    'openai',
    '--stages',
    'plan, implement',
    '--merge=manual',
    '--sandbox=auto',
  ]
  const shown = await harnext(place, ...args, '--dry-run')
  expect(shown).toEqual({ code: 0, stdout: harness.diff(), stderr: '' })
  expect(await readdir(place.clone)).not.toContain('.github')
  expect(place.server.requests).toEqual([])
  const written = await harnext(place, ...args)
  expect(written).toMatchObject({ code: 0, stderr: '' })
  expect(written.stdout).toContain('wrote .github/workflows/stage-plan.yml\n')
  expect(written.stdout).toContain('made the label stage:plan\n')
  expect(harness.diff()).toBe('')
  expect((await harnext(place, ...args)).stdout).toBe('Nothing had to be changed.\n')
  expect(await harnext(place, ...args, '--dry-run')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No file would change.\n',
  })
})

test('harnext runner installs, tells, and removes', async () => {
  const place = await makePlace()
  for (const name of ['systemctl', 'journalctl', 'loginctl']) {
    const file = path.join(place.bin, name)
    await copyFile(path.join(import.meta.dirname, 'github/service-manager.mjs'), file)
    await chmod(file, 0o755)
  }
  const installed = await harnext(place, 'runner', 'install', '--label', 'gpu', '--service=systemd')
  expect(installed).toMatchObject({ code: 0, stderr: '' })
  expect(installed.stdout).toMatch(
    /^installed: files, service\nlabels: self-hosted, harnext-[0-9a-f]{7}, gpu\na new registration for each job\n$/,
  )
  const status = await harnext(place, 'runner', 'status', '--output-format', 'json')
  expect(JSON.parse(status.stdout)).toMatchObject({ active: true, registered: true, online: false })
  expect((await harnext(place, 'runner', 'logs', '-n', '5')).code).toBe(0)
  expect((await harnext(place, 'runner', 'uninstall')).stdout).toBe(
    'removed: service, registration, files\n',
  )
  place.server.state.isPrivate = false
  const refused = await harnext(place, 'runner', 'install')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('harnext: acme/app is public')
})
