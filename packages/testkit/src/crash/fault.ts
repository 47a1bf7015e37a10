import { appendFileSync } from 'node:fs'
import type { Random } from './random.ts'

/** What goes wrong in a process that writes a session, and at which of its records. */
export interface Fault {
  /** Counts records of this type alone. */
  readonly type?: string
  /** At the record of this number, from 1, that the process writes. */
  readonly count: number
  /** `torn`: in the middle of the write; `later`: `delayMs` after it; `open`: when the log is opened, without counting. */
  readonly at: 'before' | 'torn' | 'after' | 'later' | 'open'
  readonly delayMs?: number
  /** The write, or the opening, fails with this code of the operating system. Absent: the process is killed. */
  readonly error?: FaultCode
  /** Milliseconds by which the clock jumps at that record. */
  readonly clockJumpMs?: number
}
export type FaultCode = 'ENOSPC' | 'EIO' | 'EMFILE' | 'EROFS'

/** What a process is told by its environment. */
export interface FaultPlan {
  readonly fault?: Fault
  /** Gets a line with the number of each record that was acknowledged. */
  readonly acknowledged: string
}

export const planVariable = 'HARNEXT_CRASH_PLAN'

export function planOf(environment: NodeJS.ProcessEnv): FaultPlan | undefined {
  const text = environment[planVariable]
  return text === undefined ? undefined : (JSON.parse(text) as FaultPlan)
}

/** The record of a line, as far as a fault looks at it. */
export interface SeenRecord {
  readonly seq: number
  readonly type: string
}

/** Brings the fault about in this very process. */
export class Saboteur {
  readonly #plan: FaultPlan
  #seen = 0

  constructor(plan: FaultPlan) {
    this.#plan = plan
  }

  /** Of a write that brings these records: the fault, when it is its turn. */
  faultOf(records: readonly SeenRecord[]): Fault | undefined {
    const { fault } = this.#plan
    if (!fault || fault.at === 'open') return undefined
    const before = this.#seen
    this.#seen += records.filter(({ type }) => (fault.type ?? type) === type).length
    if (this.#seen < fault.count || before >= fault.count) return undefined
    if (fault.clockJumpMs !== undefined) jump(fault.clockJumpMs)
    return fault
  }

  get codeAtOpen(): FaultCode | undefined {
    const { fault } = this.#plan
    return fault?.at === 'open' ? fault.error : undefined
  }

  acknowledge(records: readonly SeenRecord[]): void {
    const last = records.at(-1)
    if (last) appendFileSync(this.#plan.acknowledged, `${last.seq}\n`)
  }
}

/** The process is gone when this returns. */
export function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

export function failure(code: FaultCode): Error {
  return Object.assign(new Error(`${code}: the disk refuses, write`), { code, syscall: 'write' })
}

/** Some faults kill in the middle of a call, the others anywhere; at least every third one is of the former. */
export function randomFault(random: Random): Fault {
  const clock = random.oneIn(4) ? { clockJumpMs: random.pick([-3_600_000, 3_600_000]) } : {}
  if (random.oneIn(2)) {
    const at = random.pick(['after', 'later', 'later'])
    const delay = at === 'later' ? { delayMs: random.below(8) } : {}
    return { type: 'tool_start', count: 1 + random.below(4), at, ...delay, ...clock }
  }
  const at = random.pick(['before', 'torn', 'after', 'later'])
  const delay = at === 'later' ? { delayMs: random.below(25) } : {}
  return { count: 1 + random.below(30), at, ...delay, ...clock }
}

export function randomFailure(random: Random): Fault {
  const error = random.pick(['ENOSPC', 'EIO', 'EMFILE', 'EROFS'])
  if (error === 'EMFILE' || error === 'EROFS') return { count: 0, at: 'open', error }
  return { count: 1 + random.below(30), at: random.pick(['before', 'torn']), error }
}

function jump(milliseconds: number): void {
  const { now } = Date
  Date.now = () => now() + milliseconds
}
