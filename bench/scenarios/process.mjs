import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Far above what any process of a measurement takes: it guards against a hang. */
const timeout = 600_000

/**
 * @param {readonly string[]} args of Node
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<{ stdout: string, wallMs: number }>} rejects when the process fails, with what it said
 */
export async function runNode(args, options = {}) {
  const begun = performance.now()
  const child = spawn(process.execPath, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const [code, signal] = await once(child, 'close')
  const wallMs = performance.now() - begun
  if (code === 0) return { stdout: stdout(), wallMs }
  const said = stderr().trim().split('\n').slice(-20).join('\n')
  throw new Error(`node ${args.join(' ')} ended with ${signal ?? code}:\n${said}`)
}

function collect(/** @type {import('node:stream').Readable} */ stream) {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  return () => text
}
