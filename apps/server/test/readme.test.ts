import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { running } from './running.ts'

// What the README tells a newcomer to type, typed.

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [, first = '', second = ''] = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
)
const version = /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version']).stdout?.toString() ?? '')
// 7.82 was the first with --json.
const hasCurl = Number(version?.[1]) * 1000 + Number(version?.[2]) >= 7082
if (!hasCurl) console.warn('There is no curl of 7.82 or newer: the README is not tried out.')

test.skipIf(!hasCurl)(
  'the commands of the README do what it says',
  async () => {
    const write = call('w1', 'write', { path: 'poem.txt', content: 'Roses' })
    const api = await running([[write], () => new Promise(() => {}), 'A title'], {
      settings: { permissionMode: 'manual' },
    })
    const script = `${first}${second}`
      .replace('http://127.0.0.1:4747', api.url)
      .replace('call=…', 'call=w1')
      // Somebody presses Ctrl-C.
      .replaceAll('curl -s -N', 'curl -s -N --max-time 1')
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: api.cwd,
      env: { PATH: process.env['PATH'], token: api.token },
    })
    const begun = stdout.indexOf('"runId"')
    const asked = stdout.indexOf('event: permission_request')
    const approved = stdout.indexOf('"runId"', asked)
    const done = stdout.indexOf('event: tool_result', approved)
    expect([begun > 0, asked > begun, approved > asked, done > approved]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(stdout).not.toContain('"error"')
    expect(readFileSync(path.join(api.cwd, 'poem.txt'), 'utf8')).toBe('Roses')
    const [session] = (await api.call('GET', '/v1/sessions')).json.sessions
    const told = await api.events(session.id)
    await told.next('run_end')
    await told.next('run_end')
    expect(
      told.seen.filter(({ type }) => type === 'run_end').map(({ data }) => data.stopReason),
    ).toEqual(['cancelled', 'complete'])
  },
  60_000,
)
