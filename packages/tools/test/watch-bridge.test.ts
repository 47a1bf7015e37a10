import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { sandboxRuntime } from '../src/sandbox.ts'

const probed = await sandboxRuntime().probe()
const works = probed.works && process.platform === 'linux'
if (!works) console.log('The test of its bridge is skipped: sandbox-runtime does not work here.')

const program = `
import { SandboxManager } from '@anthropic-ai/sandbox-runtime'
import { sandboxRuntime } from ${JSON.stringify(new URL('../src/sandbox.ts', import.meta.url))}
await sandboxRuntime().keepReady()
console.log(SandboxManager.getLinuxHttpSocketPath())
setInterval(() => {}, 1e6)
`

function listens(socket: string): boolean {
  return execFileSync('ps', ['-A', '-o', 'args=']).toString().includes(`UNIX-LISTEN:${socket}`)
}

test.skipIf(!works)(
  'what a process has for its domains ends with it, whatever ends it',
  async ({ signal }) => {
    const args = ['--conditions=@harnext/source', '--input-type=module', '-e', program]
    const child = spawn(process.execPath, args, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    const socket = String(line).trim()
    expect(listens(socket)).toBe(true)
    child.kill('SIGKILL')
    while ((listens(socket) || existsSync(socket)) && !signal.aborted)
      await new Promise(setImmediate)
  },
  60_000,
)
