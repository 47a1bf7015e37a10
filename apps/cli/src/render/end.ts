import type { RunResult, RunStopReason } from '@harnext/core'
import type { Style } from './style.ts'
import { costText, countText, plural } from './units.ts'
import { visibleLine } from './visible.ts'

const shownFiles = 10
/** Characters. */
const longestName = 200

/** What is to be said when a run is over: what went wrong, what it took, and how to go on. */
export function endLines(
  result: RunResult<unknown>,
  style: Style,
  program: string,
  provider = '',
): readonly string[] {
  const problem = problemOf(result, provider)
  const hint = goOnHint(result, program)
  return [
    ...(problem === undefined ? [] : [style.red(problem)]),
    style.dim(summaryLine(result)),
    ...(hint === undefined ? [] : [style.plain(hint)]),
  ]
}

function summaryLine(result: RunResult<unknown>): string {
  const { stopReason, turns, usage, sessionId, filesChanged, filesChangedComplete } = result
  const why = stopReason === 'complete' ? '' : `${stopReason} after `
  const named = filesChanged
    .slice(0, shownFiles)
    .map((file) => visibleLine(file, longestName))
    .join(', ')
  const more = filesChanged.length - shownFiles
  const files = filesChanged.length > 0 ? `; changed: ${named}` : ''
  const rest = more > 0 ? ` and ${countText(more)} more` : ''
  const unseen = files && !filesChangedComplete ? ' (commands may have changed others)' : ''
  const cost = costText(usage.costUsd)
  return `${why}${plural(turns, 'turn')}, ${plural(usage.totalTokens, 'token')}, ${cost}, session ${sessionId}${files}${rest}${unseen}`
}

/** The sentence for a run that did not succeed; nothing where its stop reason says it all. */
export function problemOf(
  { stopReason, error, verification }: RunResult<unknown>,
  provider = '',
): string | undefined {
  if (error) return `error: ${error.message}${adviceOn(error.code, provider)}`
  if (stopReason === 'length')
    return 'error: the answer was cut off at the most tokens that the model may write.'
  if (stopReason === 'refused') return 'error: the model refused to answer.'
  if (verification === 'failed') return 'error: the checks fail.'
  if (verification === 'unverified')
    return 'not verified: the checks did not all run on the answer.'
  return undefined
}

function adviceOn(code: string, provider: string): string {
  if (code !== 'provider_auth') return ''
  return provider === '' ? ' Check the key.' : ` Check ${provider.toUpperCase()}_API_KEY.`
}

/** Which option gives a run that goes on more room. */
const roomOf: { readonly [reason in RunStopReason]?: string } = {
  max_turns: ' with a higher --max-turns',
  budget: ' with a higher limit',
}

/** Nothing where the run is over, or never was on record. */
function goOnHint(
  { stopReason, sessionId, messages }: RunResult<unknown>,
  program: string,
): string | undefined {
  const isOver = stopReason === 'complete' || stopReason === 'length' || stopReason === 'refused'
  if (isOver || messages.length === 0) return undefined
  return `Go on${roomOf[stopReason] ?? ''}: ${program} -r ${sessionId}`
}
