import type { Style } from './style.ts'

/** What `harnext doctor` tells of one thing. `problem`: harnext cannot work so. */
export interface Check {
  readonly id: string
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped'
  readonly did: string
  readonly found: string
  readonly todo?: string
}

/** A line for what was found, one for what was done, and one for what to do. Pure. */
export function doctorLines(checks: readonly Check[], style: Style): readonly string[] {
  const width = Math.max(...checks.map(({ id }) => id.length))
  return checks.flatMap(({ id, status, did, found, todo }) => [
    `${statusText(status, style)}  ${style.bold(id.padEnd(width))}  ${style.plain(found)}`,
    `${' '.repeat(11 + width)}${style.dim(did)}`,
    ...(todo === undefined ? [] : [`${' '.repeat(11 + width)}${style.plain(todo)}`]),
  ])
}

function statusText(status: Check['status'], style: Style): string {
  const text = status.padEnd(7)
  if (status === 'problem') return style.red(text)
  return status === 'warning' ? style.yellow(text) : style.plain(text)
}
