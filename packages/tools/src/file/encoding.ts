/** How the text of a file is stored. `bom`: a byte order mark stands before it. */
export interface Encoding {
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'
  readonly bom: boolean
}

const utf8: Encoding = { name: 'utf-8', bom: false }
const latin1: Encoding = { name: 'latin1', bom: false }
const marks: readonly { readonly encoding: Encoding; readonly bytes: readonly number[] }[] = [
  { encoding: { name: 'utf-8', bom: true }, bytes: [0xef, 0xbb, 0xbf] },
  { encoding: { name: 'utf-16le', bom: true }, bytes: [0xff, 0xfe] },
  { encoding: { name: 'utf-16be', bom: true }, bytes: [0xfe, 0xff] },
]

/** What the first bytes of a file say: its byte order mark, or UTF-8 as a guess. */
export function sniffEncoding(head: Uint8Array): Encoding {
  const mark = marks.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  return mark?.encoding ?? utf8
}

export function markLength(encoding: Encoding): number {
  return marks.find((mark) => mark.encoding === encoding)?.bytes.length ?? 0
}

/** The whole text, without its mark. What is not valid UTF-8 is Latin-1, where every byte is a character. */
export function decodeText(data: Uint8Array): {
  readonly text: string
  readonly encoding: Encoding
} {
  const encoding = sniffEncoding(data)
  const body = data.subarray(markLength(encoding))
  if (encoding.name === 'utf-8' && !isUtf8(body))
    return { text: decodeLatin1(data), encoding: latin1 }
  return { text: new TextDecoder(encoding.name, { ignoreBOM: true }).decode(body), encoding }
}

/** The bytes of a text, with its mark. `null` when it holds a character that the encoding does not have. */
export function encodeText(text: string, encoding: Encoding): Uint8Array | null {
  switch (encoding.name) {
    case 'utf-8':
      return new TextEncoder().encode(encoding.bom ? `\uFEFF${text}` : text)
    case 'utf-16le':
    case 'utf-16be':
      return encodeUtf16(`\uFEFF${text}`, encoding.name === 'utf-16le')
    case 'latin1':
      // oxlint-disable-next-line no-control-regex -- Latin-1 is exactly these 256 characters
      return /[^\u0000-\u00FF]/.test(text) ? null : Buffer.from(text, 'latin1')
  }
}

/** For a person; empty for what needs no word. */
export function encodingName({ name, bom }: Encoding): string {
  switch (name) {
    case 'utf-8':
      return bom ? 'UTF-8 with a byte order mark' : ''
    case 'utf-16le':
      return 'UTF-16 LE'
    case 'utf-16be':
      return 'UTF-16 BE'
    case 'latin1':
      return 'not valid UTF-8, taken as Latin-1'
  }
}

/** Decodes a file piece by piece. `decode` gives `null` when it is not valid in the encoding: then it must be begun anew as Latin-1. */
export function streamDecoder(
  encoding: Encoding,
): (chunk: Uint8Array, last: boolean) => string | null {
  if (encoding.name === 'latin1') return decodeLatin1
  const decoder = new TextDecoder(encoding.name, {
    ignoreBOM: true,
    fatal: encoding.name === 'utf-8',
  })
  return (chunk, last) => {
    try {
      return decoder.decode(chunk, { stream: !last })
    } catch {
      return null
    }
  }
}

function decodeLatin1(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}

export const latin1Encoding: Encoding = latin1

function isUtf8(data: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(data)
    return true
  } catch {
    return false
  }
}

function encodeUtf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = Buffer.from(text, 'utf16le')
  return littleEndian ? bytes : bytes.swap16()
}
