import { loadSession, recentMessages } from '@harnext/core'
import type { Command } from '../command.ts'
import { failedExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { programOf } from '../program.ts'
import { toJson } from '../render/json.ts'
import { conversationLines, sessionReport } from '../render/session.ts'
import { styleFor } from '../render/style.ts'
import { timeText } from '../render/units.ts'
import { visibleLine } from '../render/visible.ts'
import type { Screen } from '../screen.ts'
import { folderAt, openStore } from '../sessions.ts'

type ListCommand = Extract<Command, { readonly name: 'sessions list' }>
type ShowCommand = Extract<Command, { readonly name: 'sessions show' }>

/** The newest first. */
export async function listSessions(command: ListCommand, io: Io, screen: Screen): Promise<number> {
  const cwd = folderAt(command.cwd ?? '.', io)
  const sessions = await openStore(io).list(command.all ? {} : { cwd })
  if (command.format === 'json') {
    screen.write([{ to: 'stdout', text: `${toJson(sessions)}\n` }])
    return 0
  }
  const style = styleFor(io.stdout, io.env)
  for (const { id, updatedAt, title, cwd: folder } of sessions) {
    const where = command.all ? `  ${style.plain(folder)}` : ''
    const line = `${style.bold(id)}  ${timeText(updatedAt)}${where}  ${visibleLine(title, 80)}`
    screen.write([{ to: 'stdout', text: `${line}\n` }])
  }
  if (sessions.length === 0)
    screen.write([
      {
        to: 'stderr',
        text: `There are no sessions${command.all ? '' : ` of ${style.plain(cwd)}`}.\n`,
      },
    ])
  return 0
}

/**
 * What can be read of a session, and whether its run is over. A damaged one exits 1, behind what lies before the damage. A person sees the
 * end of a long one at once, and all of it when asked for.
 */
export async function showSession(
  { id, format, all }: ShowCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const store = openStore(io)
  const session =
    format === 'json' || all
      ? { ...(await loadSession(store, id)), isWhole: true }
      : await recentMessages(store, id)
  const style = styleFor(io.stdout, io.env)
  const text =
    format === 'json'
      ? toJson(sessionReport(session))
      : conversationLines(session, style, programOf(io.env)).join('\n')
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  const { damaged, tornBytes } = session
  const note = damaged
    ? `${damaged.message} Only what lies before it is shown.`
    : tornBytes === undefined
      ? ''
      : `The last ${tornBytes} bytes of its log are an interrupted write and are not shown.`
  if (note) screen.write([{ to: 'stderr', text: `${styleFor(io.stderr, io.env).yellow(note)}\n` }])
  return damaged ? failedExit : 0
}
