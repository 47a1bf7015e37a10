import type { CheckEvidence, RunResult } from '@harnext/core'
import { problemOf } from './end.ts'
import type { Span, Trace } from './trace.ts'
import { costText, countText, durationText, plural } from './units.ts'
import { visibleLine } from './visible.ts'

const shownFiles = 50
const shownSpans = 80

/** A run as Markdown, for the summary of a job: what came of it, what it took, what it changed, and when it did what. */
export function summaryText(
  result: RunResult<unknown>,
  { spans, model }: Pick<Trace, 'spans' | 'model'>,
): string {
  const problem = problemOf(result)
  const denied = result.steps.filter(({ status }) => status === 'denied').map(({ tool }) => tool)
  const parts = [
    `### harnext: ${result.stopReason}`,
    ...(problem === undefined ? [] : [`> ${plain(problem, 500)}`]),
    table(result, model),
    ...(denied.length > 0 ? [`Denied: ${[...new Set(denied)].map(code).join(', ')}`] : []),
    ...(result.checks?.length ? [checkList(result.checks)] : []),
    ...fileList(result),
    ...(spans.length > 0 ? [picture(spans)] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function table(result: RunResult<unknown>, model: string): string {
  const { turns, toolCalls, usage, durationMs, sessionId } = result
  const cells: readonly (readonly [string, string])[] = [
    ['model', code(model)],
    ['turns', countText(turns)],
    ['calls', countText(toolCalls)],
    ['tokens', countText(usage.totalTokens)],
    ['cost', costText(usage.costUsd)],
    ['time', durationText(durationMs)],
    ['session', code(sessionId)],
  ]
  const row = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`
  return [
    row(cells.map(([name]) => name)),
    row(cells.map(() => '---')),
    row(cells.map(([, value]) => value)),
  ].join('\n')
}

function checkList(checks: readonly CheckEvidence[]): string {
  return checks.map(({ check, status }) => `- ${code(check)}: ${status}`).join('\n')
}

function fileList({ filesChanged, filesChangedComplete }: RunResult<unknown>): readonly string[] {
  if (filesChanged.length === 0) return []
  const more = filesChanged.length - shownFiles
  const unseen = filesChangedComplete ? '' : ' Commands may have changed others.'
  return [
    `${plural(filesChanged.length, 'file')} changed.${unseen}`,
    [
      ...filesChanged.slice(0, shownFiles).map((file) => `- ${code(file)}`),
      ...(more > 0 ? [`- and ${countText(more)} more`] : []),
    ].join('\n'),
  ]
}

/** A chart that GitHub draws. */
function picture(spans: readonly Readonly<Span>[]): string {
  const more = spans.length - shownSpans
  const lines = spans.slice(0, shownSpans).map(({ name, kind, status, start, end }) => {
    const tag = status === 'ok' ? (kind === 'model' ? 'active, ' : 'done, ') : 'crit, '
    const note = status === 'ok' || kind === 'model' ? '' : ` (${status})`
    // What takes no time would not be drawn.
    return `  ${plainName(name)}${note} :${tag}${Math.round(start)}, ${Math.max(Math.round(end), Math.round(start) + 1)}`
  })
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %M:%S',
    ...lines,
    '```',
    ...(more > 0 ? ['', `and ${plural(more, 'step')} more`] : []),
  ].join('\n')
}

/** A name in the chart: no character that its reader obeys. */
function plainName(name: string): string {
  return (
    name
      .replace(/[^\w .-]/g, ' ')
      .trim()
      .slice(0, 40) || 'call'
  )
}

/** A text in the style of code, whatever stands in it. */
function code(text: string): string {
  return `<code>${plain(text, 200)}</code>`
}

/** One line in which nothing is Markdown, HTML or a mention. */
function plain(text: string, length: number): string {
  return visibleLine(text, length).replace(
    /[&<>"'`*_[\]()#+!|~\\@:]/g,
    (char) => `&#${char.charCodeAt(0)};`,
  )
}
