import type { ParameterOperation, SyntaxNode, forEachChild } from 'unbash'

/** The words, assignments and targets of redirections of all commands, as they are written, in no order. */
export function wordsOf(root: SyntaxNode, each: typeof forEachChild): readonly string[] {
  const found: string[] = []
  const walk = (node: SyntaxNode, parent: SyntaxNode | null): void => {
    const isName = (parent?.type === 'For' || parent?.type === 'Function') && parent.name === node
    const isPart = isName || (parent !== null && holders.has(parent.type))
    if (node.type === 'Assignment' || (node.type === 'Word' && !isPart)) found.push(node.text)
    each(node, (child) => walk(child, node))
  }
  walk(root, null)
  return found
}

/** Words in them are parts of others. */
const holders: ReadonlySet<string> = new Set<
  ParameterOperation['type'] | 'ParameterExpansion' | 'Assignment'
>([
  'ParameterExpansion',
  'Default',
  'Remove',
  'Replace',
  'Slice',
  'CaseModification',
  'Transform',
  'Names',
  'Unknown',
  'Assignment',
])
