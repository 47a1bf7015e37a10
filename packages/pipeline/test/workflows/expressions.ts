import { Evaluator, Lexer, Parser, data } from '@actions/expressions'

/** What an expression may look at, and how the job stands. */
export interface Scope {
  readonly contexts: { readonly [name: string]: unknown }
  readonly hasFailed: boolean
}

const status = ['always', 'success', 'failure', 'cancelled'] as const

/** Evaluates by GitHub's own implementation of its expressions. */
function evaluate(expression: string, { contexts, hasFailed }: Scope): unknown {
  const values = { always: true, success: !hasFailed, failure: hasFailed, cancelled: false }
  const functions = new Map(
    status.map((name) => [
      name,
      { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(values[name]) },
    ]),
  )
  const { tokens } = new Lexer(expression).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse()
  const context = JSON.parse(JSON.stringify(contexts), data.reviver)
  const result = new Evaluator(parsed, context, functions).evaluate()
  return JSON.parse(JSON.stringify(result, data.replacer))
}

/** A text with every `${{ … }}` evaluated. */
export function interpolate(text: string, scope: Scope): string {
  return text.replaceAll(/\$\{\{((?:'(?:[^']|'')*'|[^'])*?)\}\}/g, (_, expression: string) =>
    asText(evaluate(expression.trim(), scope)),
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}

/** An `if`: what asks for no status holds only where nothing failed before. */
export function holds(condition: string | undefined, scope: Scope): boolean {
  const bare = (condition ?? 'success()').replace(/^\$\{\{(.*)\}\}$/s, '$1').trim()
  const asked = status.some((name) => bare.includes(`${name}()`)) ? bare : `success() && (${bare})`
  return isTrue(evaluate(asked, scope))
}

function isTrue(value: unknown): boolean {
  return value !== false && value !== null && value !== 0 && value !== ''
}
