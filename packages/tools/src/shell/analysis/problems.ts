import type { ArithmeticExpression, ParameterExpansionPart, SyntaxNode, Word } from 'unbash'

type Check<Node> = (node: Node) => string | null

/**
 * What a piece of a line does beside being read, or `null`: an arithmetic expression evaluates the text of its variables as code, as do
 * subscripts, and so do some operators of a parameter. How it is written is the business of the second reading.
 */
export function problemOf(node: SyntaxNode): string | null {
  // Each check is about the node of its name.
  const check = checks[node.type] as Check<SyntaxNode> | undefined
  return check?.(node) ?? null
}

const computes = 'it computes with what variables hold, which may run commands'
const arithmetic: Check<{ readonly expression: ArithmeticExpression | undefined }> = (node) =>
  node.expression && isNumeric(node.expression) ? null : computes

const checks: {
  readonly [Type in SyntaxNode['type']]?: Check<Extract<SyntaxNode, { type: Type }>>
} = {
  Script: ({ errors }) => (errors?.length ? `it cannot be parsed: ${errors[0]?.message}` : null),
  ParameterExpansion: problemOfParameter,
  ArithmeticExpansion: arithmetic,
  ArithmeticCommand: arithmetic,
  ArithmeticFor: () => computes,
  Assignment: ({ index }) => (index && !isPlainIndex(index) ? computes : null),
  TestUnary: ({ operator }) => (/^-[vR]$/.test(operator) ? computes : null),
  TestBinary: ({ operator, left, right }) =>
    textTests.has(operator) || [left, right].every(({ value }) => /^\d+$/.test(value))
      ? null
      : computes,
  Redirect: ({ operator }) =>
    operator === '<>' ? 'what is opened for reading and writing is not understood' : null,
}

/** A pattern, a plain comparison or one of ages. */
const textTests: ReadonlySet<string> = new Set('= == != =~ < > -nt -ot -ef'.split(' '))

function problemOfParameter(part: ParameterExpansionPart): string | null {
  const { prefix, index, operation } = part
  if (prefix === '!') return `${part.text} names another variable`
  if (index && !isPlainIndex(index)) return computes
  switch (operation?.type) {
    case 'Default':
      return operation.operator.includes('=') ? `${part.text} sets a variable` : null
    case 'Slice': {
      const numbers = [operation.offset, ...(operation.length ? [operation.length] : [])]
      return numbers.every(({ value }) => /^\d+$/.test(value)) ? null : computes
    }
    case 'Transform':
      return /^[QULu]$/.test(operation.operand.value) ? null : `${part.text} may run commands`
    case 'Names':
    case 'Unknown':
      return `${part.text} is not understood`
    case undefined:
    case 'CaseModification':
    case 'Remove':
    case 'Replace':
      return null
  }
}

function isPlainIndex({ text }: Word): boolean {
  return /^(?:\d+|[@*])$/.test(text)
}

function isNumeric(expression: ArithmeticExpression): boolean {
  if (expression.type === 'ArithmeticWord') return /^\d+$/.test(expression.value)
  return (
    expression.type === 'ArithmeticBinary' &&
    isNumeric(expression.left) &&
    isNumeric(expression.right)
  )
}
