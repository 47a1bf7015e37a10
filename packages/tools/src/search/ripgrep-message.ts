import { decodeLines, lineContent } from './line-text.ts'

/** What one line of `rg --json` says. */
export type RipgrepMessage =
  | { readonly type: 'begin' | 'end'; readonly path: string; readonly isBinary: boolean }
  | {
      readonly type: 'match' | 'context'
      readonly number: number
      readonly text: string
      /** Where the first match begins, in characters. */
      readonly place: number
    }
  | { readonly type: 'other' }

interface Data {
  readonly text?: string
  readonly bytes?: string
}
interface Raw {
  readonly type: string
  readonly data: {
    readonly path?: Data
    readonly lines?: Data
    readonly line_number?: number
    readonly binary_offset?: number | null
    readonly submatches?: readonly { readonly start: number }[]
  }
}

export function parseMessage(json: string): RipgrepMessage {
  const raw: Raw = JSON.parse(json)
  const { type, data } = raw
  switch (type) {
    case 'begin':
    case 'end': {
      const { path = {} } = data
      const name = path.text ?? Buffer.from(path.bytes ?? '', 'base64').toString()
      return { type, path: name, isBinary: typeof data.binary_offset === 'number' }
    }
    case 'match':
    case 'context':
      return { type, number: data.line_number ?? 0, ...lineOf(data) }
    default:
      return { type: 'other' }
  }
}

/** A line that is not UTF-8 comes as bytes. */
function lineOf({ lines = {}, submatches }: Raw['data']): { text: string; place: number } {
  const data = Buffer.from(
    lines.bytes ?? lines.text ?? '',
    lines.bytes === undefined ? 'utf8' : 'base64',
  )
  const before = data.subarray(0, submatches?.[0]?.start ?? 0)
  const text = decodeLines(data)
  return {
    text: lineContent(text.endsWith('\n') ? text.slice(0, -1) : text),
    place: before.length ? lineContent(decodeLines(before)).length : 0,
  }
}
