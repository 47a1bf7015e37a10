/** One step of a compiled pattern. */
export type Token =
  | { readonly type: 'star' }
  | { readonly type: 'any' }
  | { readonly type: 'one'; readonly char: string }
  | { readonly type: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] }
type Range = readonly [from: string, to: string]

/** `*` stands for any characters, `\*` for a star; everything else for itself. For commands, tools and hosts. */
export function compileStars(pattern: string): readonly Token[] {
  return Array.from(pattern.matchAll(/\\\*|[^]/gu), ([text]) => {
    if (text === '*') return { type: 'star' }
    return { type: 'one', char: text === '\\*' ? '*' : text }
  })
}

/** One segment of a path glob: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before what stands for itself. */
export function compileSegment(segment: string): readonly Token[] {
  const characters = Array.from(segment)
  const tokens: Token[] = []
  for (let index = 0; index < characters.length; index++) {
    const char = characters[index] ?? ''
    if (char === '*') tokens.push({ type: 'star' })
    else if (char === '?') tokens.push({ type: 'any' })
    else if (char === '[') {
      const set = compileSet(characters, index)
      tokens.push(set?.token ?? { type: 'one', char })
      index = set?.end ?? index
    } else if (char === '\\') tokens.push({ type: 'one', char: characters[++index] ?? '\\' })
    else tokens.push({ type: 'one', char })
  }
  return tokens
}

/** The set that opens at `start`; `null` where none closes: then the bracket stands for itself. */
function compileSet(
  characters: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | null {
  const negated = characters[start + 1] === '!' || characters[start + 1] === '^'
  const first = start + (negated ? 2 : 1)
  // A bracket that comes first belongs to the set.
  const end = characters.indexOf(']', first + 1)
  if (end < 0) return null
  const members = characters.slice(first, end)
  const ranges: Range[] = []
  for (let index = 0; index < members.length; index++) {
    if (members[index] === '\\' && index + 1 < members.length) index++
    const from = members[index] ?? ''
    const isRange = members[index + 1] === '-' && index + 2 < members.length
    ranges.push([from, isRange ? (members[index + 2] ?? from) : from])
    if (isRange) index += 2
  }
  return { token: { type: 'set', negated, ranges }, end }
}

/** Whether the tokens stand for all of `text`. Takes at most length times length steps, whatever the pattern. */
export function matchTokens(tokens: readonly Token[], text: string): boolean {
  const characters = Array.from(text)
  let token = 0
  let at = 0
  // Where the last star stands, and up to where it reaches: only the last one ever needs to be tried again.
  let star = -1
  let starEnd = 0
  while (at < characters.length) {
    const current = tokens[token]
    if (current?.type === 'star') {
      star = token++
      starEnd = at
    } else if (current && fits(current, characters[at] ?? '')) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++starEnd
    } else return false
  }
  return tokens.slice(token).every(({ type }) => type === 'star')
}

function fits(token: Exclude<Token, { type: 'star' }>, char: string): boolean {
  switch (token.type) {
    case 'any':
      return true
    case 'one':
      return token.char === char
    case 'set':
      return token.negated !== token.ranges.some(([from, to]) => from <= char && char <= to)
  }
}
