/** What a workflow file is made of. Keys keep their order. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml }

/**
 * Text that every YAML 1.1 and 1.2 reader reads as this value again. `comments`: what is said behind a scalar, by its text. The same
 * value gives the same bytes.
 */
export function toYaml(
  value: { readonly [key: string]: Yaml },
  comments: { readonly [scalar: string]: string } = {},
): string {
  return `${mapLines(value, comments).join('\n')}\n`
}

type Comments = { readonly [scalar: string]: string }

function mapLines(map: { readonly [key: string]: Yaml }, comments: Comments): readonly string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const name = /^[A-Za-z_][\w-]*$/.test(key) && !isKeyword(key) ? key : quoted(key)
    const [first = '', ...rest] = lines(value, comments)
    if (isInline(value)) return [`${name}: ${first}`, ...rest.map(indented)]
    return [`${name}:`, ...[first, ...rest].map(indented)]
  })
}

function lines(value: Yaml, comments: Comments): readonly string[] {
  if (typeof value === 'string') return textLines(value, comments)
  if (typeof value !== 'object') return [String(value)]
  if (isList(value)) {
    if (value.length === 0) return ['[]']
    return value.flatMap((item) => {
      const [first = '', ...rest] = lines(item, comments)
      return [`- ${first}`, ...rest.map(indented)]
    })
  }
  return Object.keys(value).length === 0 ? ['{}'] : mapLines(value, comments)
}

/** Whether the value begins on the line of its key. */
function isInline(value: Yaml): boolean {
  return typeof value !== 'object' || Object.keys(value).length === 0
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value)
}

function textLines(text: string, comments: Comments): readonly string[] {
  if (isBlock(text)) {
    const body = text.replace(/\n$/, '').split('\n')
    return [text.endsWith('\n') ? '|' : '|-', ...body]
  }
  const scalar = isPlain(text) ? text : quoted(text)
  const comment = Object.hasOwn(comments, text) ? ` # ${comments[text]}` : ''
  return [`${scalar}${comment}`]
}

/** Several lines that a reader takes over as they are. The indent is found by the first one. */
function isBlock(text: string): boolean {
  return (
    /^[^\s].*\n/.test(text) &&
    !/\n\s*\n$/.test(text) &&
    /^[\n\t\x20-\x7E\u00A0-\u2027\u202A-\uD7FF]*$/.test(text)
  )
}

/** No reader takes it for something else than this text: `on`, `1e3`, `~` and the like are quoted. */
function isPlain(text: string): boolean {
  return (
    /^(?:\$\{\{|[A-Za-z])[\x20-\x7E]*$/.test(text) && !/: |:$| #| $/.test(text) && !isKeyword(text)
  )
}

function isKeyword(text: string): boolean {
  return /^(?:true|false|yes|no|on|off|null|y|n|nan|inf)$/i.test(text)
}

/** JSON is YAML, but for a few characters that YAML does not have. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function indented(line: string): string {
  return line === '' ? line : `  ${line}`
}
