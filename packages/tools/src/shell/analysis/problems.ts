import type { ArithmeticExpression, ParameterExpansionPart, SyntaxNode, Word } from 'unbash'

/**
 * Why a piece of a line is not understood, or `null`. Expansions are on a list of what is known: an arithmetic one evaluates the text of
 * its variables as code, as do subscripts, and so do some operators of a parameter.
 */
export function problemOf(node: SyntaxNode): string | null {
  switch (node.type) {
    case 'Script':
      return node.errors?.length ? `it cannot be parsed: ${node.errors[0]?.message}` : null
    case 'ParameterExpansion':
      return problemOfParameter(node)
    case 'CommandExpansion':
    case 'ProcessSubstitution':
    case 'ArithmeticCommandExpansion':
      return node.script ? null : `${node.text} is not understood`
    case 'ArithmeticExpansion':
    case 'ArithmeticCommand':
      return node.expression && isNumeric(node.expression) ? null : computes
    case 'ArithmeticFor':
      return computes
    case 'Assignment':
      return node.index && !isPlainIndex(node.index) ? computes : null
    case 'TestUnary':
      return /^-[a-uw-zA-QS-Z]$/.test(node.operator) ? null : `${node.operator} is not understood`
    case 'TestBinary':
      return isKnownTest(node.operator, [node.left, node.right]) ? null : computes
    case 'HereDoc':
      return node.delimiter && node.closing ? null : 'a here-document has no end'
    case 'Redirect':
    case 'HereString':
      return node.target ? null : 'a redirection has no target'
    case 'Coproc':
      return node.body.type === 'CompoundList' ? 'a coprocess is not understood' : null
    case 'Function':
      return node.body.type === 'CompoundList' ? 'a function is not understood' : null
    default:
      return null
  }
}

const computes = 'it computes with what variables hold, which may run commands'
/** A glob, a plain comparison or one of ages. */
const textTests: ReadonlySet<string> = new Set('= == != =~ < > -nt -ot -ef'.split(' '))

function isKnownTest(operator: string, operands: readonly Word[]): boolean {
  return textTests.has(operator) || operands.every(({ value }) => /^\d+$/.test(value))
}

function problemOfParameter(part: ParameterExpansionPart): string | null {
  const { prefix, index, operation } = part
  if (prefix === '!') return `${part.text} names another variable`
  if (index && !isPlainIndex(index)) return computes
  switch (operation?.type) {
    case undefined:
    case 'Remove':
    case 'Replace':
    case 'CaseModification':
      return null
    case 'Default':
      return operation.operator.includes('=') ? `${part.text} sets a variable` : null
    case 'Slice': {
      const numbers = [operation.offset, ...(operation.length ? [operation.length] : [])]
      return numbers.every(({ value }) => /^\s*-?\d+\s*$/.test(value)) ? null : computes
    }
    case 'Transform':
      return /^[QULu]$/.test(operation.operand.value) ? null : `${part.text} may run commands`
    case 'Names':
    case 'Unknown':
      return `${part.text} is not understood`
  }
}

function isPlainIndex({ text }: Word): boolean {
  return /^(?:\d+|[@*])$/.test(text)
}

function isNumeric(expression: ArithmeticExpression): boolean {
  switch (expression.type) {
    case 'ArithmeticWord':
      return /^\d+$/.test(expression.value)
    case 'ArithmeticBinary':
      return isNumeric(expression.left) && isNumeric(expression.right)
    case 'ArithmeticUnary':
      return isNumeric(expression.operand)
    case 'ArithmeticGroup':
      return isNumeric(expression.expression)
    case 'ArithmeticTernary':
      return [expression.test, expression.consequent, expression.alternate].every(isNumeric)
    case 'ArithmeticCommandExpansion':
      return false
  }
}
