import { execFile, execFileSync } from 'node:child_process'
import type { ProcessEntry, ProcessTable } from './process-table.ts'

/** Asks `ps`, for macOS. `startedAt` is the time of the start in UTC, in seconds. */
export function psProcessTable(): ProcessTable {
  return {
    find: async (pid) => parsePs(await ps(['-p', String(pid)]))[0] ?? null,
    list: async () => parsePs(await ps(['-A'])),
    listNow: () => parsePs(psNow(['-A'])),
    startOf: async (startedAt) => {
      const time = Date.parse(startedAt)
      return Number.isNaN(time) ? null : time
    },
  }
}

function ps(selection: readonly string[]): Promise<string> {
  const args = [...selection, ...columns]
  return new Promise((resolve, reject) => {
    execFile('ps', args, options, (error, stdout, stderr) => {
      // Without a match ps says nothing and exits with 1.
      if (error && (error.code !== 1 || stderr !== '')) reject(error)
      else resolve(stdout)
    })
  })
}

function psNow(selection: readonly string[]): string {
  return execFileSync('ps', [...selection, ...columns], { ...options, encoding: 'utf8' })
}

const columns: readonly string[] = ['-o', 'pid=,ppid=,pgid=,stat=,lstart=']
const options = {
  env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
  maxBuffer: 64 * 1024 * 1024,
}

/** Lines as `4711 1 4711 Ss Sat Nov 21 02:04:09 2026`. */
export function parsePs(text: string): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = []
  for (const line of text.split('\n')) {
    const [pid, parent, group, state, ...words] = line.trim().split(/\s+/)
    const started = Date.parse(`${words.join(' ')} UTC`)
    if (state === undefined || state.startsWith('Z') || Number.isNaN(started)) continue
    const startedAt = new Date(started).toISOString()
    entries.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number(group),
      started,
      startedAt,
    })
  }
  return entries
}
