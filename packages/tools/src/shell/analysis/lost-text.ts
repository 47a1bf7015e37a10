import type { Command, HereDoc, Statement, SyntaxNode } from 'unbash'

/** The parser leaves out what it makes no sense of: nothing may stand before a command, or between its words, that is not seen. */
export function lostText(node: SyntaxNode, source: string): string | null {
  const lost =
    (node.type === 'Statement' && (lostBefore(node.pos, source) || lostAfter(node, source))) ||
    (node.type === 'BraceGroup' && lostEnd(source.slice(node.pos, node.end))) ||
    (node.type === 'Redirect' && /\d/.test(source[node.pos - 1] ?? '') && node.operator) ||
    (node.type === 'HereDoc' && lostAround(node, source)) ||
    (node.type === 'Command' && lostInside(node, source))
  return lost ? `what ${lost} is for is not understood` : null
}

function lostBefore(pos: number, source: string): string {
  const before = source.slice(0, pos).replace(/(?:[ \t]|\\\n)+$/, '')
  const [last = ''] = /[^\s;&|(){}`]*$/.exec(before) ?? []
  return last === '' || keywords.has(last) ? '' : last
}

/** Whether what stands behind a here-document's name on its line, or its text, comes first is not the same everywhere. */
function lostAround({ pos, delimiter }: HereDoc, source: string): string {
  const isBehind = delimiter && /^[ \t]*(?:&(?![&>])|;)/.test(source.slice(delimiter.end))
  return isBehind || /\S$/.test(source.slice(0, pos)) ? '<<' : ''
}

/** What ends a command, behind what has ended it already, ends nothing. */
function lostAfter({ end, background }: Statement, source: string): string {
  const second = background ? /^\s*[;&](?![;&])/ : /^[ \t]*(?:\n\s*|;\s+)[;&](?![;&])/
  return second.test(source.slice(end)) ? ';' : ''
}

/** The brace that ends a group is one where a command could begin. */
function lostEnd(group: string): string {
  return /[;&\n]\s*\}$/.test(group) ? '' : '}'
}

const keywords: ReadonlySet<string> = new Set(
  '! if then elif else while until do time coproc'.split(' '),
)

function lostInside({ name, prefix, suffix }: Command, source: string): string {
  const parts = [...prefix, ...(name ? [name] : []), ...suffix].toSorted((a, b) => a.pos - b.pos)
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const between = next ? source.slice(part.end, next.pos).replace(/\\\n/g, '') : ''
    if (between.trim() !== '') return between.trim()
  }
  const end = parts.at(-1)?.end ?? 0
  return /^[ \t]*\(/.test(source.slice(end)) ? '(' : ''
}
