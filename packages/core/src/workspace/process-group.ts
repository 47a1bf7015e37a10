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
 * was anything. A shell's own job control makes groups inside the session; they are ended too, and so is what left the session while
 * the one that started it is still there.
 */
export async function endSession(leader: Leader, table: ProcessTable): Promise<boolean> {
  const begin = performance.now()
  let signal: NodeJS.Signals = 'SIGTERM'
  const known = new Map<number, number>()
  let members = halt(leader, table, known)
  if (members.length === 0) return false
  // At once: whoever is stopped must not stay so when this process ends.
  signalGroups(members, signal)
  signalGroups(members, 'SIGCONT')
  for (let pause = 5; members.length > 0; pause = Math.min(pause * 2, longestPauseMs)) {
    await delay(pause)
    members = membersOf(leader, await table.list(), known)
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

/** All of it, stopped: what goes on could start others behind our back, and be gone before they are seen. */
function halt(
  leader: Leader,
  table: ProcessTable,
  known: Map<number, number>,
): readonly ProcessEntry[] {
  for (let count = 0; ;) {
    const members = membersOf(leader, table.listNow(), known)
    if (members.length <= count) return members
    count = members.length
    signalGroups(members, 'SIGSTOP')
  }
}

/** `known`: when those began that were found before: who started them may be gone since. */
function membersOf(
  { pid, started }: Leader,
  all: readonly ProcessEntry[],
  known: Map<number, number>,
): readonly ProcessEntry[] {
  const entries = all.filter((entry) => entry.started >= started)
  for (const entry of entries)
    if (entry.session === pid || entry.group === pid) known.set(entry.pid, entry.started)
  for (let count = -1; count !== known.size;) {
    count = known.size
    for (const entry of entries) if (known.has(entry.parent)) known.set(entry.pid, entry.started)
  }
  return entries.filter((entry) => known.get(entry.pid) === entry.started)
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
