import { linuxProcessTable } from './linux-process-table.ts'
import { psProcessTable } from './ps-process-table.ts'

/** The processes of this machine. Those that have ended and wait to be collected by their parent are not among them. */
export interface ProcessTable {
  find(pid: number): Promise<ProcessEntry | null>
  list(): Promise<readonly ProcessEntry[]>
  /** The same at once, holding up everything else: for what must not be interrupted. */
  listNow(): readonly ProcessEntry[]
  /** What `ProcessEntry.started` was for the process that has this `startedAt`; `null` when it ran before the last boot. */
  startOf(startedAt: string): Promise<number | null>
}

export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** That of the group, where the system does not tell sessions. */
  readonly session: number
  /** Grows with time; comparable with others of the same boot. */
  readonly started: number
  /** See `ProcessIdentity`. */
  readonly startedAt: string
}

export function processTable(platform: string = process.platform): ProcessTable {
  return platform === 'linux' ? linuxProcessTable() : psProcessTable()
}
