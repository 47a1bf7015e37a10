import type {
  ArithmeticExpression,
  Command,
  HereDoc,
  ParameterExpansionPart,
  Pipeline,
  Redirect,
  SyntaxNode,
  Word,
} from 'unbash'

type Check<Node> = (node: Node) => string | null

/**
 * Why a piece of a line is not understood, or `null`. Expansions are on a list of what is known: an arithmetic one evaluates the text of
 * its variables as code, as do subscripts, and so do some operators of a parameter.
 */
export function problemOf(node: SyntaxNode): string | null {
  // Each check is about the node of its name.
  const check = checks[node.type] as Check<SyntaxNode> | undefined
  return check?.(node) ?? null
}

const loneDollarWords = 'a dollar sign stands alone'
const computes = 'it computes with what variables hold, which may run commands'
const inner: Check<{ readonly text: string; readonly script: object | undefined }> = (node) =>
  node.script ? null : `${node.text} is not understood`
const arithmetic: Check<{ readonly expression: ArithmeticExpression | undefined }> = (node) =>
  node.expression && isNumeric(node.expression) ? null : computes
const target: Check<{ readonly target: Word | undefined }> = (node) =>
  node.target ? null : 'a redirection has no target'

const checks: {
  readonly [Type in SyntaxNode['type']]?: Check<Extract<SyntaxNode, { type: Type }>>
} = {
  Script: ({ errors }) => (errors?.length ? `it cannot be parsed: ${errors[0]?.message}` : null),
  ParameterExpansion: problemOfParameter,
  CommandExpansion: (node) => inner(node) ?? hiddenEnd(node),
  ProcessSubstitution: (node) => inner(node) ?? hiddenEnd(node),
  For: ({ name }) => (/^[A-Za-z_]\w*$/.test(name.text) ? null : 'its variable has no plain name'),
  Pipeline: problemOfPipeline,
  Literal: loneDollar,
  Word: problemOfWord,
  ArithmeticCommandExpansion: inner,
  ArithmeticExpansion: arithmetic,
  ArithmeticCommand: arithmetic,
  ArithmeticFor: () => computes,
  Assignment: ({ index, value }) =>
    index && !isPlainIndex(index)
      ? computes
      : value?.type === 'Word' && value.text.startsWith('#')
        ? 'a value that looks like a comment is not understood'
        : null,
  ExtendedGlob: ({ text }) => `whether ${text} is a pattern depends on how the shell is set`,
  TestUnary: ({ operator }) =>
    /^-[a-uw-zA-QS-Z]$/.test(operator) ? null : `${operator} is not understood`,
  TestBinary: ({ operator, left, right }) =>
    isKnownTest(operator, [left, right]) && !/^-(?!\d)/.test(left.text) ? null : computes,
  HereDoc: problemOfHereDoc,
  CaseItem: ({ pattern, terminator }) => {
    if (terminator !== undefined && terminator !== ';;')
      return `where a case that ends with ${terminator} goes on is not understood`
    return pattern.some(({ text }) => text.endsWith('$')) ? loneDollarWords : null
  },
  Command: problemOfCommand,
  Redirect: (node) => {
    if (node.operator === '<>') return 'what is opened for reading and writing is not understood'
    return target(node) ?? problemOfDescriptor(node) ?? escapedSpace(node)
  },
  HereString: target,
  Coproc: ({ body }) => (body.type === 'CompoundList' ? 'a coprocess is not understood' : null),
  Function: ({ name, body }) =>
    body.type === 'CompoundList' || !/^[A-Za-z_][\w.:-]*$/.test(name.text)
      ? 'a function is not understood'
      : null,
}

/** A glob, a plain comparison or one of ages. */
const textTests: ReadonlySet<string> = new Set('= == != =~ < > -nt -ot -ef'.split(' '))

function isKnownTest(operator: string, operands: readonly Word[]): boolean {
  return textTests.has(operator) || operands.every(({ value }) => /^\d+$/.test(value))
}

function problemOfCommand({ name, suffix, redirects }: Command): string | null {
  const isTest = name?.text === '[' || name?.text === 'test'
  if (!isTest && suffix.some((item) => item.type === 'Word' && /^=[=~]$/.test(item.text)))
    return 'a comparison that stands outside of a test is not understood'
  const isHere = redirects.map(({ type }) => type !== 'Redirect')
  if (name === undefined && isHere.includes(true)) return 'a here-document is not understood'
  const isNumbered = redirects.some(({ descriptor }) => descriptor !== undefined)
  if (name === undefined && isNumbered) return 'a stream of no command is not understood'
  const text = redirects.findIndex(({ type }) => type === 'HereString')
  return text > 0 ? 'a here-string behind another redirection is not understood' : null
}

function problemOfDescriptor({ descriptor }: Redirect): string | null {
  if (descriptor?.type !== 'FileDescriptor') return null
  const { pos, end, value } = descriptor
  const isPlain = end - pos === String(value).length
  return isPlain ? null : 'a stream has a number that is not written plainly'
}

/** Behind a redirection, a space that is part of a name looks like one that ends it. */
const escapedSpace: Check<Redirect> = (node) =>
  /\\\s/.test(node.target?.text ?? '') ? 'where a redirection leads is not understood' : null

function problemOfPipeline({ prefixes, commands }: Pipeline): string | null {
  const isBare = (node: SyntaxNode | undefined): boolean => node?.type !== 'Command' || !node.name
  if (prefixes.length > 1 || (prefixes.length === 1 && isBare(commands[0])))
    return 'what stands before it is not understood'
  const isPart = commands.length > 1
  return isPart && commands.some((node) => node.type === 'Command' && !node.name)
    ? 'a part of a pipe is no command'
    : null
}

function problemOfWord(word: Word): string | null {
  if (/^-?\d+#/.test(word.text)) return 'a number with a base is not understood'
  // Whether one at its end belongs to what follows is not the same everywhere; inside of quotes it is.
  const texts = word.parts?.filter(({ type }) => type === 'Literal') ?? [word]
  if (hasOpenBracket(word.text)) return 'a bracket that is not closed is not understood'
  const isLast = texts.some(({ text }) => /^(?:[^\\$'"]|\\.)*\$$/s.test(text))
  if (isLast) return loneDollarWords
  return word.parts ? null : loneDollar(word)
}

/** A brace among others, or the index of a variable, that has no end. `{` and `[` alone are words. */
function hasOpenBracket(text: string): boolean {
  if (/`|[$<>]\(/.test(text)) return false
  const plain = text.replace(/\\.|'[^']*'|"(?:[^"\\]|\\.)*"|\$\{[^}]*\}/gs, '')
  const count = (mark: string): number => plain.split(mark).length
  return (/\{.*\{/.test(plain) && count('{') !== count('}')) || /^\w+\[[^\]]*$/.test(plain)
}

function loneDollar({ text }: { readonly text: string }): string | null {
  return /^(?:[^\\$'"]|\\.)*\$./s.test(text) || text === '$' ? loneDollarWords : null
}

/** Where a comment ends inside of a substitution is not the same everywhere, and so it is with `case`. */
function hiddenEnd({ text }: { readonly text: string }): string | null {
  const lastLine = text.slice(text.lastIndexOf('\n') + 1)
  const isOpen = /^[$<>]\(/.test(text) && !text.endsWith(')')
  const isEmpty = /^[$<>]\(\s*\)$|=\s*\)$/.test(text)
  const isHidden = isOpen || isEmpty || /(?:^|[\s;&|(`])#/.test(lastLine) || /\bcase\b/.test(text)
  return isHidden ? 'where its substitution ends is not understood' : null
}

function problemOfHereDoc({ delimiter, closing, body, descriptor }: HereDoc): string | null {
  if (!delimiter || !closing) return 'a here-document has no end'
  const isPlain = /^(?:[\w.-]+|'[\w.-]+'|"[\w.-]+")$/.test(delimiter.text)
  const hasLoneDollar =
    !delimiter.quoted && /\$(?![\w{(@*#?$!-])|\$\(\(|\\[^\\$`\n]/.test(body.text)
  return isPlain && !descriptor && !hasLoneDollar && !body.text.includes('<<')
    ? null
    : 'a here-document is not understood'
}

function problemOfParameter(part: ParameterExpansionPart): string | null {
  const { prefix, index, operation } = part
  if (prefix === '!') return `${part.text} names another variable`
  if (index && !isPlainIndex(index)) return computes
  switch (operation?.type) {
    case undefined:
    case 'CaseModification':
      return null
    case 'Remove':
    case 'Replace':
      return /\{.*[{}].*\}|^[^[]*\]/s.test(part.text) ? `${part.text} is not understood` : null
    case 'Default':
      if (operation.operator.includes('=')) return `${part.text} sets a variable`
      return /[|&;<>]/.test(operation.operand.text) ? `${part.text} is not understood` : null
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
