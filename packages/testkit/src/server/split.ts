/** The bytes of a text, one a chunk. */
export function bytewise(text: string): Uint8Array[] {
  return Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte))
}

/**
 * The bytes of a text, cut where it hurts: inside of characters, between CR and LF, inside of the words and strings of JSON. At most
 * `limit` cuts, spread over all of the text.
 */
export function awkwardly(text: string, limit = 64): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  const places: number[] = []
  for (let at = 1; at < bytes.length; at++) if (hurts(bytes, at)) places.push(at)
  const step = Math.max(1, places.length / limit)
  const chosen = Array.from(
    { length: Math.min(limit, places.length) },
    (_, at) => places[Math.floor(at * step)] as number,
  )
  const ends = [...chosen, bytes.length]
  return ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end))
}

function hurts(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1] ?? 0
  const after = bytes[at] ?? 0
  const isInCharacter = (after & 0xc0) === 0x80
  const isInLineEnd = after === LF
  const isInEscape = before === BACKSLASH
  const isInWord = isWord(before) && isWord(after) && (at * 7) % 11 === 0
  return isInCharacter || isInLineEnd || isInEscape || isInWord
}

const LF = 0x0a
const BACKSLASH = 0x5c

function isWord(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f
}
