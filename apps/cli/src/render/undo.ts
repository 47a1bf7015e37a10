import { relative } from 'node:path'
import type { UndoResult, UndoableRun } from '@harnext/sdk/settings'
import type { Style } from './style.ts'
import { timeText } from './units.ts'
import { visibleLine } from './visible.ts'

const maxPath = 200
const maxShown = 50

/** What was done, or would be. */
export function undoLines(
  { run, undo, restored, removed, skipped, left, notes }: UndoResult,
  about: {
    readonly session: string
    readonly folder: string
    readonly dryRun: boolean
    readonly program: string
  },
  style: Style,
): readonly string[] {
  const { session, folder, dryRun, program } = about
  const shown = (path: string): string => {
    const near = relative(folder, path)
    return visibleLine(near.startsWith('../') ? path : near || '.', maxPath)
  }
  const done = [
    ...restored.map((path) => `  restored  ${shown(path)}`),
    ...removed.map((path) => `  removed   ${shown(path)}`),
  ]
  const stays = [...skipped, ...left].map(
    ({ path, reason }) => `  ${shown(path)} ${visibleLine(reason, maxPath)}`,
  )
  const verb = dryRun ? 'Would undo' : 'Undid'
  const head = done.length
    ? `${verb} ${style.bold(run)} of session ${session}:`
    : `There is nothing to do: all that ${run} changed and undo can restore is as it was before.`
  return [
    head,
    ...cut(done),
    ...(stays.length ? ['Left as they are:', ...cut(stays)] : []),
    ...notes,
    ...(undo === undefined ? [] : [`${program} undo ${undo} takes this back.`]),
  ]
}

/** The newest last. */
export function undoableLines(
  session: string,
  runs: readonly UndoableRun[],
  style: Style,
): readonly string[] {
  if (!runs.length) return [`Session ${session} has changed no files that undo knows of.`]
  return [
    `Session ${session}:`,
    ...runs.map(({ id, time, undoes, isUndone, paths }) => {
      const count = paths.length === 1 ? '1 path' : `${paths.length} paths`
      const what = undoes === undefined ? '' : `, undid ${undoes}`
      return `${style.bold(id)}  ${timeText(time.getTime())}  ${count}${what}${isUndone ? ', undone' : ''}`
    }),
  ]
}

function cut(lines: readonly string[]): readonly string[] {
  if (lines.length <= maxShown) return lines
  return [...lines.slice(0, maxShown), `  … and ${lines.length - maxShown} more`]
}
