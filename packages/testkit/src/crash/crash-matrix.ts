import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AdapterFactory } from '../provider/factory.ts'
import { createVault, type Vault } from '../wire/vault.ts'
import { acceptedBy } from './accepted-by.ts'
import { Random } from './random.ts'
import { playSession, type SessionPlay } from './session-play.ts'
import { agentSubject, type CrashSubject } from './subject.ts'

export interface CrashOptions {
  /** How many processes are killed. @default 100 */
  readonly kills?: number
  /** The same seed gives the same faults. @default 1 */
  readonly seed?: number
  /** Adapters whose vendors have to take every history that comes of it. */
  readonly adapters?: readonly AdapterFactory[]
  /** Told after each session. */
  readonly onSession?: (report: CrashReport) => void
}

export interface CrashMatrixOptions extends CrashOptions {
  /**
   * Path or URL of a module that exports `agent(parts: CrashAgentParts): Agent`: an agent made of the adapter, the store and the tools
   * that it is given. @default the plainest agent
   */
  readonly agent?: string | URL
  /** Path or URL of a module that exports `store(folder: string): SessionStore`. Every process makes its own. */
  readonly store: string | URL
}

export interface CrashReport {
  readonly kills: number
  /** Kills between the start of a call and its outcome. */
  readonly killsInCalls: number
  readonly sessions: number
  /** Writes that failed, logs that were cut, and writers that came second. */
  readonly otherFaults: number
  /** By session, with the seed that repeats it. Empty when all is well. */
  readonly problems: readonly CrashProblem[]
}
export interface CrashProblem {
  readonly session: number
  readonly seed: number
  readonly problem: string
}

/**
 * Works on tasks with an agent and a store of yours while their processes are killed: before, in, after a write of the log, and in the
 * middle of calls. Between the kills writes fail, logs are cut, the clock jumps, another writer holds the session. What has to hold:
 * no record that was acknowledged is lost or changed; nothing takes effect without its intent on record, twice, or again once its
 * outcome is; every session ends as it would have, with one result for each call.
 *
 * It needs processes and files, and throws `ConfigError` when a module does not export what it has to.
 */
export async function crashMatrix(options: CrashMatrixOptions): Promise<CrashReport> {
  const { agent, store } = options
  return crashProgram(
    await agentSubject(agent === undefined ? agent : String(agent), String(store)),
    options,
  )
}

/** The same for any program that keeps its sessions in a store. */
export async function crashProgram(
  subject: CrashSubject,
  { kills: wanted = 100, seed = 1, adapters = [], onSession }: CrashOptions = {},
): Promise<CrashReport> {
  let report: CrashReport = { kills: 0, killsInCalls: 0, sessions: 0, otherFaults: 0, problems: [] }
  let idle = 0
  while (report.kills < wanted && idle < MOST_IDLE_SESSIONS) {
    const session = report.sessions + 1
    const own = (Math.imul(seed, 0x9e3779b1) + session) >>> 0
    const play = await inFolder((folder) =>
      playSession(subject, { folder, random: new Random(own), maxKills: wanted - report.kills }),
    )
    const refused = play.messages.length ? await refusals(adapters, play, subject.vault) : []
    report = {
      kills: report.kills + play.kills,
      killsInCalls: report.killsInCalls + play.killsInCalls,
      sessions: session,
      otherFaults: report.otherFaults + play.otherFaults,
      problems: [
        ...report.problems,
        ...[...play.problems, ...refused].map((problem) => ({ session, seed, problem })),
      ],
    }
    onSession?.(report)
    // A program that cannot start is no process that could be killed.
    idle = play.kills === 0 && play.problems.length > 0 ? idle + 1 : 0
  }
  return report
}

const MOST_IDLE_SESSIONS = 5

async function refusals(
  adapters: readonly AdapterFactory[],
  { messages }: SessionPlay,
  vault: Vault = createVault('crash'),
): Promise<readonly string[]> {
  const found: string[] = []
  for (const adapter of adapters) {
    const complaint = await acceptedBy(adapter, messages, vault)
    if (complaint !== null) found.push(complaint)
  }
  return found
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'harnext-crash-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
