/** One step of a compiled name. `star` is any characters, `any` is one. */
type Token =
  | { readonly type: 'star' | 'any' }
  | { readonly type: 'one'; readonly char: string }
  | { readonly type: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] }
type Range = readonly [from: string, to: string]

/** A pattern for one name of a path: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before what stands for itself. */
export function compileName(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(Array.from(pattern))
  const [first] = tokens
  if (tokens.length === 1 && first?.type === 'star') return () => true
  if (tokens.every((token) => token.type === 'one')) {
    const literal = tokens.map(({ char }) => char).join('')
    return (name) => name === literal
  }
  return (name) => matches(tokens, Array.from(name))
}

function tokensOf(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = []
  for (let index = 0; index < characters.length; index++) {
    const char = characters[index] ?? ''
    if (char === '*') tokens.push({ type: 'star' })
    else if (char === '?') tokens.push({ type: 'any' })
    else if (char === '[') {
      const set = setAt(characters, index)
      tokens.push(set?.token ?? { type: 'one', char })
      index = set?.end ?? index
    } else if (char === '\\') tokens.push({ type: 'one', char: characters[++index] ?? '\\' })
    else tokens.push({ type: 'one', char })
  }
  return tokens
}

/** The set that opens at `start`; `null` when nothing closes it: then the bracket stands for itself. */
function setAt(
  characters: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | null {
  const negated = characters[start + 1] === '!' || characters[start + 1] === '^'
  const first = start + (negated ? 2 : 1)
  const ranges: Range[] = []
  for (let index = first; index < characters.length; index++) {
    // A bracket that comes first belongs to the set.
    if (characters[index] === ']' && index > first)
      return { token: { type: 'set', negated, ranges }, end: index }
    if (characters[index] === '\\') index++
    const from = characters[index] ?? ''
    const to = characters[index + 2]
    if (characters[index + 1] === '-' && to !== undefined && to !== ']') {
      ranges.push([from, to])
      index += 2
    } else ranges.push([from, from])
  }
  return null
}

/** Takes at most the product of both lengths in steps: only the last star ever needs to be tried again. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0
  let at = 0
  let star = -1
  let starEnd = 0
  while (at < name.length) {
    const current = tokens[token]
    if (current?.type === 'star') {
      star = token++
      starEnd = at
    } else if (current && fits(current, name[at] ?? '')) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++starEnd
    } else return false
  }
  return tokens.slice(token).every(({ type }) => type === 'star')
}

function fits(token: Token, char: string): boolean {
  switch (token.type) {
    case 'star':
    case 'any':
      return true
    case 'one':
      return token.char === char
    case 'set':
      return token.negated !== token.ranges.some(([from, to]) => from <= char && char <= to)
  }
}
