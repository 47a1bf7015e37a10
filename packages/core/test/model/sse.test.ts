import { describe, expect, it } from 'vitest'
import { sseParser, type ServerSentEvent } from '../../src/model/sse.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The events of each chunk, one array a chunk. */
function parse(...chunks: readonly Uint8Array[]): ServerSentEvent[][] {
  const push = sseParser()
  return chunks.map((chunk) => push(chunk))
}

describe('sseParser', () => {
  it('gives the events that a chunk completes as one array', () => {
    expect(parse(bytes('event: a\ndata: 1\n\ndata:2\n\nevent: b\ndata: 3'), bytes('\n\n'))).toEqual(
      [
        [
          { event: 'a', data: '1' },
          { event: 'message', data: '2' },
        ],
        [{ event: 'b', data: '3' }],
      ],
    )
  })

  it('takes LF, CRLF and CR as ends of a line', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(parse(bytes(['event: a', 'data: 1', '', 'data: 2', '', ''].join(end)))).toEqual([
        [
          { event: 'a', data: '1' },
          { event: 'message', data: '2' },
        ],
      ])
  })

  it('gives an event that ends with CR at once, and takes a late LF as the same end', () => {
    expect(parse(bytes('data: 1\r\n\r'), bytes('\ndata: 2\r'), bytes('\r'), bytes('\n'))).toEqual([
      [{ event: 'message', data: '1' }],
      [],
      [{ event: 'message', data: '2' }],
      [],
    ])
  })

  it('joins data lines and knows a field without a value', () => {
    expect(parse(bytes('data: a\ndata:  b\ndata\ndata:\n\ndata\n\n'))).toEqual([
      [
        { event: 'message', data: 'a\n b\n\n' },
        { event: 'message', data: '' },
      ],
    ])
  })

  it('leaves out comments, other fields and events without data', () => {
    expect(
      parse(
        bytes(': keep-alive\n\n'),
        bytes('id: 1\nretry: 5\ndatum: x\nevent: ping\n\ndata: y\n\n'),
      ),
    ).toEqual([[], [{ event: 'message', data: 'y' }]])
  })

  it('drops a byte order mark', () => {
    expect(parse(Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), bytes('data: 1\n\n'))).toEqual([
      [],
      [],
      [{ event: 'message', data: '1' }],
    ])
  })

  it('does not give a last event without its blank line', () => {
    expect(parse(bytes('data: 1\n\ndata: 2\n'))).toEqual([[{ event: 'message', data: '1' }]])
    expect(parse(bytes('data: 1\n\ndata: 2'))).toEqual([[{ event: 'message', data: '1' }]])
  })

  it('gives the same events wherever the stream is split', () => {
    const text =
      ': c\r\nevent: naïve\r\ndata: {"text":"héllo 👋"}\r\n\r\ndata: a\rdata: b\r\rdata: ü\n\n'
    const whole = bytes(text)
    const [expected] = parse(whole)
    expect(expected).toHaveLength(3)
    for (let at = 0; at <= whole.length; at++)
      expect(parse(whole.subarray(0, at), whole.subarray(at)).flat()).toEqual(expected)
    const single = Array.from(whole, (byte) => Uint8Array.of(byte))
    expect(parse(...single).flat()).toEqual(expected)
  })

  it('takes a line of a megabyte in chunks of a few bytes without searching it again', () => {
    const push = sseParser()
    const started = performance.now()
    const piece = bytes('0123456789')
    push(bytes('data: '))
    for (let count = 0; count < 100_000; count++) push(piece)
    const [event] = push(bytes('\n\n'))
    expect(event?.data).toHaveLength(1_000_000)
    // Guards against quadratic work, which takes minutes; the linear way takes some 50 ms.
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
