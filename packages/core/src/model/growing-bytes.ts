const encoder = new TextEncoder()
const FIRST_SIZE = 16_384

/** UTF-8 that grows at its end, with a head before it and a tail behind it that may be others each time. */
export interface GrowingBytes {
  append(text: string): void
  /**
   * Head, all that was appended, tail. It is a view: the next call of any method may change its bytes. A head that stays the same
   * costs nothing.
   */
  view(head: string, tail: string): Uint8Array
}

export function growingBytes(): GrowingBytes {
  let bytes = new Uint8Array(FIRST_SIZE)
  let head = ''
  let start = 0
  let end = 0

  function write(text: string, at: number): number {
    let rest = text
    let to = at
    for (;;) {
      // Most text has one byte a character; where that is not enough, the rest is written after more room was made.
      reserve(to + rest.length)
      const { read, written } = encoder.encodeInto(rest, bytes.subarray(to))
      to += written
      if (read === rest.length) return to
      rest = rest.slice(read)
      reserve(to + 3 * Math.min(rest.length, FIRST_SIZE))
    }
  }

  function reserve(size: number): void {
    if (size <= bytes.length) return
    const larger = new Uint8Array(Math.max(size, Math.ceil(bytes.length * 1.5)))
    larger.set(bytes)
    bytes = larger
  }

  function replaceHead(text: string): void {
    const given = encoder.encode(text)
    const shift = given.length - start
    reserve(end + shift)
    bytes.copyWithin(start + shift, start, end)
    bytes.set(given)
    start += shift
    end += shift
    head = text
  }

  return {
    append(text) {
      end = write(text, end)
    },
    view(newHead, tail) {
      if (newHead !== head) replaceHead(newHead)
      const size = write(tail, end)
      return bytes.subarray(0, size)
    },
  }
}
