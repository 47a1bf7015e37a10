import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HarnextError, messageOf } from '@harnext/core'
import { auditFile, verifyAudit, type AuditReport } from '@harnext/core/node'
import type { Command } from '../command.ts'
import { failedExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { toJson } from '../render/json.ts'
import { styleFor } from '../render/style.ts'
import { plural } from '../render/units.ts'
import type { Screen } from '../screen.ts'
import { homeOf, openStore } from '../sessions.ts'
import { UsageError } from '../usage-error.ts'

type VerifyCommand = Extract<Command, { readonly name: 'audit verify' }>

/**
 * Whether an audit is as it was written, and has all that its session's log has. One that is not exits 1, and so does one that holds nothing
 * and has no log that shows that nothing is missing.
 */
export async function verify(
  { what, format }: VerifyCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const path = resolve(io.cwd, what)
  const file = existsSync(path) ? path : auditFile(join(homeOf(io), 'audit'), what)
  if (!existsSync(file))
    throw new UsageError(`There is no audit of ${what}: neither ${path} nor ${file} is there.`)
  const report = await verifyAudit(file, { store: openStore(io) }).catch((error: unknown) => {
    if (HarnextError.is(error)) throw error
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  const { problem, lost, tornBytes } = report
  const style = styleFor(io.stdout, io.env)
  const verdict = problem ? style.red(verdictOf(report)) : verdictOf(report)
  const torn = tornBytes ? `\nBehind it ${plural(tornBytes, 'byte')} of an interrupted write.` : ''
  const missed = lost
    ? `\n${plural(lost, 'line')} of it: of records that the session's log does not have. A crash came between the two, or the log was cut off.`
    : ''
  const said = `${style.plain(file)} is ${verdict}${missed}${torn}`
  const text = format === 'json' ? toJson(report) : said
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return problem ? failedExit : 0
}

function verdictOf({ lines, hash, problem }: AuditReport): string {
  if (problem) return `broken at line ${problem.line}: ${problem.message}`
  if (lines === 0) return 'empty, as it should be: the log of its session has nothing for it'
  return `intact: ${plural(lines, 'line')}, the last one ${hash}`
}
