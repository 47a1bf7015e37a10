import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { ProcessEntry, ProcessTable } from './process-table.ts'
import { errorCode, isMissing } from './system-error.ts'

/** Reads `/proc`. `startedAt` is the id of the boot and the clock ticks from it to the start of the process. */
export function linuxProcessTable(): ProcessTable {
  let boot: Promise<string> | undefined
  const bootId = (): Promise<string> =>
    (boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim()))
  const find = async (pid: number): Promise<ProcessEntry | null> =>
    parseStat(await readStat(pid), await bootId())
  return {
    find,
    async list() {
      const pids = pidsOf(await readdir('/proc'))
      return (await Promise.all(pids.map(find))).filter((entry) => entry !== null)
    },
    listNow() {
      const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return pidsOf(readdirSync('/proc')).flatMap((pid) => parseStat(readStatNow(pid), id) ?? [])
    },
    async startOf(startedAt) {
      const [id, ticks] = startedAt.split(':')
      return id === (await bootId()) && ticks ? Number(ticks) : null
    },
  }
}

function pidsOf(names: readonly string[]): readonly number[] {
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

async function readStat(pid: number): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    return nullWhereGone(error)
  }
}

function readStatNow(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    return nullWhereGone(error)
  }
}

function nullWhereGone(error: unknown): null {
  if (isMissing(error) || errorCode(error) === 'ESRCH') return null
  throw error
}

/** See proc_pid_stat(5). The name of the program, in parentheses, may hold anything. */
export function parseStat(stat: string | null, bootId: string): ProcessEntry | null {
  if (stat === null) return null
  const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = rest[15]
  if (ticks === undefined || state === 'Z' || state === 'X') return null
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: Number(ticks),
    startedAt: `${bootId}:${ticks}`,
  }
}
