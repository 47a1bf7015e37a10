import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Language, Parser, type Node } from 'web-tree-sitter'

const require = createRequire(import.meta.url)

export interface OtherReading {
  /** The names of all commands as they are written, also of those in substitutions. */
  readonly names: readonly string[]
  readonly hasError: boolean
}

/** A second parser of the same language, by other people. */
export async function otherParser(): Promise<(line: string) => OtherReading> {
  await Parser.init()
  const wasm = await readFile(require.resolve('tree-sitter-bash/tree-sitter-bash.wasm'))
  const parser = new Parser()
  parser.setLanguage(await Language.load(wasm))
  return (line) => {
    const tree = parser.parse(withoutQuotedTexts(line))
    if (!tree) return { names: [], hasError: true }
    const names: string[] = []
    collect(tree.rootNode, names)
    const { hasError } = tree.rootNode
    tree.delete()
    return { names, hasError }
  }
}

/**
 * The lines behind `<<'END'` are text to the shell, whatever stands there (POSIX, 2.7.4): where they end is all that can be read
 * differently. The grammar of tree-sitter-bash 0.25.1 takes some apart all the same, as ones that begin with a backslash and hold a quote.
 */
function withoutQuotedTexts(line: string): string {
  return line.replace(/(<<(['"])([\w.-]+)\2[^\n]*\n)(?:(?!\3(?:\n|$)).*\n)*(?=\3(?:\n|$))/g, '$1')
}

function collect(node: Node, names: string[]): void {
  if (node.type === 'command_name') names.push(node.text)
  for (const child of node.children) if (child) collect(child, names)
}
