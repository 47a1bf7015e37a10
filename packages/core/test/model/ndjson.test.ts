import { describe, expect, it } from 'vitest'
import { ndjsonParser } from '../../src/model/ndjson.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The values of each chunk, one array a chunk. */
function parse(...chunks: readonly Uint8Array[]): unknown[][] {
  const push = ndjsonParser()
  return chunks.map((chunk) => push(chunk))
}

describe('ndjsonParser', () => {
  it('gives the values that a chunk completes as one array', () => {
    expect(parse(bytes('{"a":1}\n[2]\n{"b"'), bytes(':3}\n'), bytes('null\n"x"\n'))).toEqual([
      [{ a: 1 }, [2]],
      [{ b: 3 }],
      [null, 'x'],
    ])
  })

  it('takes LF and CRLF as ends of a line, and leaves out empty ones', () => {
    expect(parse(bytes('\n1\r\n\r\n \n2\n'))).toEqual([[1, 2]])
    expect(parse(bytes('1\r'), bytes('\n2\n'))).toEqual([[], [1, 2]])
  })

  it('gives a last line without its end when a line feed is handed in', () => {
    expect(parse(bytes('1\n{"a":2}'), bytes('\n'))).toEqual([[1], [{ a: 2 }]])
    expect(parse(bytes('1\n'), bytes('\n'))).toEqual([[1], []])
  })

  it('drops a byte order mark', () => {
    expect(parse(Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), bytes('1\n'))).toEqual([
      [],
      [],
      [1],
    ])
  })

  it('gives the same values wherever the stream is split', () => {
    const whole = bytes('{"text":"héllo 👋\\n"}\r\n\n[1,"ü"]\n')
    const [expected] = parse(whole)
    expect(expected).toHaveLength(2)
    for (let at = 0; at <= whole.length; at++)
      expect(parse(whole.subarray(0, at), whole.subarray(at)).flat()).toEqual(expected)
    const single = Array.from(whole, (byte) => Uint8Array.of(byte))
    expect(parse(...single).flat()).toEqual(expected)
  })

  it('throws at a line that is not JSON, behind the values before it', () => {
    expect(() => parse(bytes('{"a":\n1\n'))).toThrow(SyntaxError)
    const push = ndjsonParser()
    expect(push(bytes('1\n{"a":\n2\n'))).toEqual([1])
    expect(() => push(bytes('\n'))).toThrow(SyntaxError)
    expect(() => push(bytes('3\n'))).toThrow(SyntaxError)
  })

  it('takes a line of a megabyte in chunks of a few bytes without searching it again', () => {
    const push = ndjsonParser()
    const started = performance.now()
    const piece = bytes('0123456789')
    push(bytes('"'))
    for (let count = 0; count < 100_000; count++) push(piece)
    expect(push(bytes('"\n'))[0]).toHaveLength(1_000_000)
    // Guards against quadratic work, which takes minutes; the linear way takes some 50 ms.
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
