/**
 * The bytes of lines as text. A byte that is no part of UTF-8 becomes a character of its own, at the very end of Unicode, that no
 * pattern matches: ripgrep matches such bytes with nothing either.
 */
export function decodeLines(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return decodeBroken(data)
  }
}

/** The characters that stand for what cannot be matched, in the spelling of a class of characters. */
export const unmatchable = '\\u{10FF00}-\\u{10FFFF}'
const brokenBase = 0x10ff00
const maskedReturn = '\u{10FF0D}'

/** A line without its end. A carriage return inside of it is matched by nothing either. */
export function lineContent(line: string): string {
  const content = line.endsWith('\r') ? line.slice(0, -1) : line
  return content.includes('\r') ? content.replaceAll('\r', maskedReturn) : content
}

/** The text for a reader, who gets broken bytes as Latin-1. */
export function readableLine(text: string): string {
  return text.replace(/[\u{10FF00}-\u{10FFFF}]/gu, (char) =>
    String.fromCharCode((char.codePointAt(0) ?? 0) - brokenBase),
  )
}

function decodeBroken(data: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let plain = 0
  for (let at = 0; at < data.length;) {
    const length = sequenceLength(data, at)
    if (length === 0) {
      text += decoder.decode(data.subarray(plain, at))
      text += String.fromCodePoint(brokenBase + (data[at] ?? 0))
      plain = at + 1
    }
    at += Math.max(1, length)
  }
  return text + decoder.decode(data.subarray(plain))
}

/** How many bytes the character at this place has; 0 when it is broken. See the table of well-formed UTF-8 in the Unicode standard. */
function sequenceLength(data: Uint8Array, at: number): number {
  const first = data[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  const second = data[at + 1] ?? 0
  if (first < 0xc2 || first > 0xf4 || second < lowest || second > highest) return 0
  for (let next = at + 2; next < at + length; next++)
    if (((data[next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}
