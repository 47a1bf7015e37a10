import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Language, Parser, type Node } from 'web-tree-sitter'

const require = createRequire(import.meta.url)

export interface OtherReading {
  /** The words, assignments and targets of redirections of all commands, as they are written, also of those in substitutions. */
  readonly words: readonly string[]
  readonly hasError: boolean
}

/** A second parser of the same language, by other people. */
export async function otherParser(): Promise<(line: string) => OtherReading> {
  await Parser.init()
  const wasm = await readFile(require.resolve('tree-sitter-bash/tree-sitter-bash.wasm'))
  const parser = new Parser()
  parser.setLanguage(await Language.load(wasm))
  return (line) => {
    const tree = parser.parse(line)
    if (!tree) return { words: [], hasError: true }
    const words: string[] = []
    collect(tree.rootNode, words)
    const { hasError } = tree.rootNode
    tree.delete()
    return { words, hasError }
  }
}

function collect(node: Node, words: string[]): void {
  words.push(...wordsOf(node).map(({ text }) => text))
  for (const child of node.children) if (child) collect(child, words)
}

/** Those that are the node's own. */
function wordsOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'command': {
      const words = [...node.childrenForFieldName('name'), ...node.childrenForFieldName('argument')]
      // To one it is a keyword, to the other a program; what stands behind it is a command to us.
      const isTime = words[0]?.text === 'time'
      return present(words).slice(isTime ? (words[1]?.text === '-p' ? 2 : 1) : 0)
    }
    case 'declaration_command':
    case 'unset_command':
      return present(node.children).filter(({ type }) => type !== 'variable_assignment')
    case 'variable_assignment':
      return [node]
    case 'file_redirect':
      return present(node.childrenForFieldName('destination'))
    case 'herestring_redirect':
      return present(node.namedChildren)
    case 'for_statement':
    case 'case_statement':
    case 'case_item':
      return present(node.childrenForFieldName('value'))
    case 'test_command':
      return operands(node, node.text.startsWith('[['))
    default:
      return []
  }
}

function present(nodes: readonly (Node | null)[]): readonly Node[] {
  return nodes.filter((node) => node !== null)
}

/** `[` is a command, whose operators are words. */
function operands(node: Node, isTest: boolean): readonly Node[] {
  return present(node.children).flatMap((child) => {
    if (/^(?:binary|unary|parenthesized|negated)_expression$/.test(child.type))
      return operands(child, isTest)
    const isOperator = child.type === 'test_operator' || !child.isNamed
    return isOperator && isTest ? [] : [child]
  })
}
