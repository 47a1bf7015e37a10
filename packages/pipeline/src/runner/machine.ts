import { homedir, hostname, userInfo } from 'node:os'
import path from 'node:path'

/** What a runner has to know of the machine that it stands on. */
export interface Machine {
  /** The person's folder. */
  readonly home: string
  /** Where harnext keeps its things. */
  readonly harnextHome: string
  readonly hostname: string
  readonly platform: string
  readonly architecture: string
  readonly uid: number
  /** Where programs are found; a service starts without it. */
  readonly path: string
  /** Milliseconds since 1970. */
  now(): number
}

export function thisMachine(): Machine {
  const { env } = process
  const home = homedir()
  return {
    home,
    harnextHome: env['HARNEXT_HOME'] || path.join(home, '.harnext'),
    hostname: hostname(),
    platform: process.platform,
    architecture: process.arch,
    uid: userInfo().uid,
    path: env['PATH'] ?? '',
    now: () => Date.now(),
  }
}
