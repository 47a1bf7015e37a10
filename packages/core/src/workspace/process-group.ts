import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessIdentity } from '../tool/workspace.ts'
import type { ProcessEntry, ProcessTable } from './process-table.ts'
import { errorCode } from './system-error.ts'

/** From SIGTERM to SIGKILL. A cancelled run waits 200 ms for its tools: by then everything has to be gone. */
const graceMs = 100
/** Between two looks at what is left. */
const longestPauseMs = 20
/** What SIGKILL has not ended by then hangs in the kernel; nobody can wait for that. */
const patienceMs = 5000

/** The leader of a session and group that we made; it need not be there any more. */
export interface Leader {
  readonly pid: number
  readonly started: number
}

/**
 * Ends what is left of a session: SIGTERM, and SIGKILL after a grace period of 100 ms. Resolves when all is gone, to whether there
 * was anything. A shell's own job control makes groups inside the session; they are ended too.
 */
export async function endSession(leader: Leader, table: ProcessTable): Promise<boolean> {
  const begin = performance.now()
  let signal: NodeJS.Signals = 'SIGTERM'
  let members = await membersOf(leader, table)
  if (members.length === 0) return false
  signalGroups(members, signal)
  for (let pause = 5; members.length > 0; pause = Math.min(pause * 2, longestPauseMs)) {
    await delay(pause)
    members = await membersOf(leader, table)
    const elapsed = performance.now() - begin
    if (elapsed > graceMs + patienceMs) break
    if (elapsed > graceMs) signal = 'SIGKILL'
    // Repeated for SIGKILL alone: a handler of SIGTERM that is at work must not be called again.
    if (signal === 'SIGKILL') signalGroups(members, signal)
  }
  return true
}

/** Whether the group has anybody in it, also one that has ended and was not collected. Asks the kernel alone. */
export function groupExists(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

async function membersOf(leader: Leader, table: ProcessTable): Promise<readonly ProcessEntry[]> {
  const { pid, started } = leader
  const entries = await table.list()
  return entries.filter(
    (entry) => (entry.session === pid || entry.group === pid) && entry.started >= started,
  )
}

function signalGroups(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const group of new Set(members.map((member) => member.group))) {
    try {
      process.kill(-group, signal)
    } catch (error) {
      // ESRCH: it ended meanwhile.
      if (errorCode(error) !== 'ESRCH') throw error
    }
  }
}

/** `Workspace.endProcess` on this machine. */
export async function endEarlier(identity: ProcessIdentity, table: ProcessTable): Promise<boolean> {
  const { pid, startedAt } = identity
  // 0 and 1 would name our own group and every process.
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return false
  const started = await table.startOf(startedAt)
  if (started === null) return false
  const now = await table.find(pid)
  // While a session has members its id is not given to a new process, so this one's members are gone.
  if (now && now.started !== started) return false
  return endSession({ pid, started }, table)
}
