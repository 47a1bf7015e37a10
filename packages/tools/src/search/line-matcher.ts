import { createContext, Script, type Context } from 'node:vm'
import { codeOf } from '../file/failure.ts'
import type { SearchPattern } from './pattern.ts'

/** What one piece of a file may take. A bad expression on the wrong line would take years. */
const timeoutMs = 2000

/** Where an expression matches in each line; -1 where it does not. */
export type LineMatcher = (lines: readonly string[]) => readonly number[]

/** Lines up to this length are matched by a simple pattern in no time. */
const shortLine = 1000

/** JavaScript cannot interrupt an expression but by the time limit of a script, so what may take long is matched in one. */
export function lineMatcher({ javascript, isSimple }: SearchPattern): LineMatcher {
  let limited: LineMatcher | undefined
  return (lines) => {
    if (isSimple && lines.every((line) => line.length <= shortLine))
      return lines.map((line) => javascript.exec(line)?.index ?? -1)
    limited ??= limitedMatcher(javascript)
    return limited(lines)
  }
}

function limitedMatcher(expression: RegExp): LineMatcher {
  const context: Context = createContext({ expression, lines: [] })
  const script = new Script(
    '((expression, lines) => lines.map((line) => expression.exec(line)?.index ?? -1))(expression, lines)',
  )
  return (lines) => {
    context['lines'] = lines
    try {
      const places: readonly number[] = script.runInContext(context, { timeout: timeoutMs })
      return places
    } catch (error) {
      if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new RangeError(
        'The pattern takes too long. Repetitions inside repetitions, as (a+)+, are the usual cause: write it simpler.',
        { cause: error },
      )
    } finally {
      context['lines'] = []
    }
  }
}
