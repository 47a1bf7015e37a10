import { messageOf } from '@harnext/core'
import type { RunSettings } from '../command.ts'
import { cancelledExit, failedExit } from '../exit-code.ts'
import type { Plan } from '../plan-run.ts'
import {
  compactFailure,
  compactLines,
  compactText,
  type Compacted,
} from '../render/compact-lines.ts'
import { toJson } from '../render/json.ts'
import type { Screen } from '../screen.ts'
import { UsageError } from '../usage-error.ts'

const noSession = '/compact shortens a session'

/** Shortens the session of the plan. Resolves to the exit code. Throws `UsageError` where there is none. */
export async function compactSession(
  { session, compact }: Plan,
  focus: string,
  { format }: RunSettings,
  screen: Screen,
): Promise<number> {
  if (!session) throw new UsageError(`${noSession}: name one with --continue or --resume.`)
  const { id: sessionId } = session.header
  const event = await compact(sessionId, focus)
  const text = format === 'text' ? compactText({ sessionId, event }) : toJson(event)
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}

/** The same for a client that writes lines: whatever comes of it is a line too. Resolves to the exit code. */
export async function compactForClient(
  { compact }: Plan,
  { focus, sessionId, count, now, signal }: ClientCompaction,
  screen: Screen,
): Promise<number> {
  const begun = now()
  const about = (event: Compacted['event'] = null): Compacted => ({
    sessionId: sessionId ?? '',
    event,
    durationMs: now() - begun,
    count,
  })
  const write = (lines: readonly object[]): void =>
    screen.write(lines.map((line) => ({ to: 'stdout', text: `${toJson(line)}\n` })))
  if (sessionId === undefined) {
    write([compactFailure(about(), `${noSession}: nothing has been said yet.`)])
    return failedExit
  }
  try {
    write(compactLines(about(await compact(sessionId, focus, signal))))
    return 0
  } catch (error) {
    write([compactFailure(about(), messageOf(error))])
    return signal.aborted ? cancelledExit : failedExit
  }
}

interface ClientCompaction {
  readonly focus: string
  readonly sessionId: string | undefined
  readonly count: number
  readonly now: () => number
  readonly signal: AbortSignal
}
