/** A field of a frontmatter. What stands for a number or a truth is a text, too. */
export type FieldValue = string | readonly string[] | { readonly [key: string]: string }

export interface Frontmatter {
  /** By their names in lower case, with `_` for `-`. */
  readonly fields: ReadonlyMap<string, FieldValue>
  readonly body: string
}

/**
 * Reads the part of YAML that frontmatters are written in: texts plain, quoted or in blocks, lists, and one level of keys below a key.
 * Forgiving where YAML is not: a plain text may hold a colon. Throws a `SyntaxError` that names the line.
 */
export function readFrontmatter(text: string): Frontmatter {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.trimEnd() !== '---') return { fields: new Map(), body: lines.join('\n').trim() }
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---')
  if (end < 0) throw new SyntaxError('the frontmatter has no end: a line of three hyphens')
  const fields = new Map<string, FieldValue>()
  for (let at = 1; at < end;) {
    const line = lines[at] ?? ''
    if (isBlank(line)) {
      at++
      continue
    }
    const key = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(line)
    if (!key) throw new SyntaxError(`line ${at + 1}: expected "key: value"`)
    const [, name = '', first = ''] = key
    const below = lines.slice(at + 1, end)
    const count = below.findIndex((next) => !isPartOfValue(next))
    const rest = count < 0 ? below : below.slice(0, count)
    fields.set(name.toLowerCase().replaceAll('-', '_'), valueOf(first.trim(), rest))
    at += 1 + rest.length
  }
  return {
    fields,
    body: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  }
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/.test(line)
}

/** A list may stand as far left as its key. */
function isPartOfValue(line: string): boolean {
  return /^(\s|-\s)/.test(line) || line === ''
}

function valueOf(first: string, below: readonly string[]): FieldValue {
  if (/^[|>][+-]?\d*$/.test(first)) return blockOf(below, first.startsWith('>'))
  if (first.startsWith('['))
    return splitFlow([first, ...below].join(' ').trim().replace(/^\[/, '').replace(/\]$/, ''))
  const lines = below.filter((line) => !isBlank(line)).map((line) => line.trim())
  if (first === '' && lines.length > 0 && lines.every((line) => line.startsWith('- ')))
    return lines.map((line) => scalar(line.slice(2)))
  if (first === '' && lines.length > 0) {
    const pairs = lines.map((line) => /^("[^"]*"|'[^']*'|[^\s:]+)\s*:\s*(.*)$/.exec(line))
    if (pairs.every((pair) => pair !== null))
      return Object.fromEntries(
        pairs.map(([, key = '', value = '']) => [scalar(key), scalar(value)]),
      )
  }
  return scalar([first, ...lines].filter((line) => line !== '').join(' '))
}

function blockOf(below: readonly string[], isFolded: boolean): string {
  const indents = below
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const indent = Math.min(...indents, 80)
  const lines = below.map((line) => line.slice(indent).trimEnd())
  const text = lines.join('\n').trim()
  return isFolded ? text.replace(/([^\n])\n(?=[^\s])/g, '$1 ') : text
}

function scalar(given: string): string {
  const text = given.trim()
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')(?:\s+#.*)?$/.exec(text)
  if (quoted?.[1] !== undefined)
    return quoted[1].replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char)
  if (quoted?.[2] !== undefined) return quoted[2].replaceAll("''", "'")
  return text.replace(/\s+#.*$/, '')
}

const escapes: { readonly [char: string]: string } = { n: '\n', t: '\t', r: '\r' }

/** At commas outside of quotes and parentheses. */
function splitFlow(text: string): readonly string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\([^)]*\)|[^,])+/g) ?? [])
    .map(scalar)
    .filter((item) => item !== '')
}
