import { HarnextError, loadSession } from '@harnext/core'
import { undoSession, undoableRuns } from '@harnext/sdk/settings'
import type { UndoCommand } from '../command.ts'
import type { Io } from '../io.ts'
import { programOf } from '../program.ts'
import { toJson } from '../render/json.ts'
import { styleFor } from '../render/style.ts'
import { undoLines, undoableLines } from '../render/undo.ts'
import type { Screen } from '../screen.ts'
import { folderAt, homeOf, openStore } from '../sessions.ts'
import { UsageError } from '../usage-error.ts'

/** Takes back what a run changed in files, or says what could be. A refusal exits 1. */
export async function undoCommand(command: UndoCommand, io: Io, screen: Screen): Promise<number> {
  const store = openStore(io)
  const home = homeOf(io)
  const folder = folderAt(command.cwd ?? '.', io)
  const id = await sessionOf(command, io, folder)
  const style = styleFor(io.stdout, io.env)
  const print = (value: unknown, lines: () => readonly string[]): number => {
    const text = command.format === 'json' ? toJson(value) : lines().join('\n')
    screen.write([{ to: 'stdout', text: `${text}\n` }])
    return 0
  }
  if (command.isList) {
    const runs = undoableRuns(home, id)
    return print({ session: id, runs }, () => undoableLines(id, runs, style))
  }
  const { run, isDryRun: dryRun, skipEdited } = command
  const result = await undoSession(
    { id, store, home },
    { dryRun, skipEdited, ...(run !== undefined && { run }) },
  ).catch((error: unknown) => {
    if (!HarnextError.is(error) || error.code !== 'undo_refused') throw error
    const way = `${programOf(io.env)} undo --skip-edited leaves them as they are, and undoes the rest.`
    throw new HarnextError(`${error.message}\n${way}`, { code: error.code, cause: error })
  })
  const shown = { session: id, folder, dryRun, program: programOf(io.env) }
  return print({ session: id, ...result }, () => undoLines(result, shown, style))
}

/** The one that is named, else the newest of the folder that changed files. */
async function sessionOf({ session, run }: UndoCommand, io: Io, folder: string): Promise<string> {
  const store = openStore(io)
  if (session !== undefined) return (await loadSession(store, session)).header.id
  const sessions = await store.list({ cwd: folder })
  const found = sessions.find(({ id }) => {
    const runs = undoableRuns(homeOf(io), id)
    return run === undefined ? runs.length > 0 : runs.some((each) => each.id === run)
  })
  if (found) return found.id
  const what = run === undefined ? 'changed files' : `has a run ${run}`
  throw new UsageError(`There is nothing to undo: no session of ${folder} ${what}.`)
}
