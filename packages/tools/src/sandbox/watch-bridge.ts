import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'

/** The end of its input is the end of whoever started it, whatever ended that. */
const script = `read -r _
for entry in /proc/[0-9]*; do
  if grep -aqF "UNIX-LISTEN:$1," "$entry/cmdline" 2>/dev/null; then kill "\${entry#/proc/}"; fi
done
rm -f "$1"`

/**
 * The package's bridge, a socat that listens on this socket, would outlive a process that is killed: until what is returned is called, it
 * ends with this process.
 */
export async function watchBridge(socket: string): Promise<() => void> {
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', socket], {
    // In a group of its own, which a signal for that of this process does not reach.
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await once(watcher, 'spawn')
  // Nothing of it keeps the process alive.
  watcher.unref()
  if (watcher.stdin instanceof Socket) watcher.stdin.unref()
  return () => void watcher.kill('SIGKILL')
}
