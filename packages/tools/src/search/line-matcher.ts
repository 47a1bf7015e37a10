import { createContext, Script, type Context } from 'node:vm'
import { codeOf } from '../file/failure.ts'

/** What one piece of a file may take. A bad expression on the wrong line would take years. */
const timeoutMs = 2000

/** Where an expression matches in each line; -1 where it does not. */
export type LineMatcher = (lines: readonly string[]) => readonly number[]

/** The engine cannot be interrupted but by the time limit of a script, so the lines are matched in one. */
export function lineMatcher(expression: RegExp): LineMatcher {
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
