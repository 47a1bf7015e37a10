import { spawn, spawnSync } from 'node:child_process'
import type { Readable } from 'node:stream'

/** Why nothing can be confined here, or `null`. */
export function confinementProblem(): string | null {
  const { status, error } = spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-all', 'true'])
  if (error) return 'bubblewrap is not installed (apt-get install bubblewrap)'
  return status === 0 ? null : 'bubblewrap may not make namespaces on this machine'
}

const longestMs = 5000

/** Runs a line where it can change nothing but its tree, and reach nobody. */
export async function runConfined(
  line: string,
  { base, root, home }: { readonly base: string; readonly root: string; readonly home: string },
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--bind', base, base]
  const confined = [...args, '--unshare-all', '--die-with-parent', '--chdir', root]
  const child = spawn('bwrap', [...confined, 'bash', '-c', line], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr] = [startOf(child.stdout), startOf(child.stderr)]
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  return { stdout: stdout.text, stderr: stderr.text }
}

function startOf(stream: Readable): { readonly text: string } {
  const start = { text: '' }
  stream.setEncoding('utf8').on('data', (text: string) => {
    if (start.text.length < 100_000) start.text += text
  })
  return start
}
