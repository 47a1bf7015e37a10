/**
 * Makes a parser for one stream of JSON lines (`application/x-ndjson`): bytes in as they come, out the values of the lines that they
 * complete. Lines may end in LF or CRLF, a chunk may end anywhere, inside a character as well, and empty lines are no values. The
 * last line of a stream may lack its end: a line feed handed in behind the last chunk gives it.
 *
 * A line that is not JSON throws `SyntaxError`: at once, or, where values stand before it in the chunk, at the next call, so that
 * those are not lost.
 */
export function ndjsonParser(): (chunk: Uint8Array) => unknown[] {
  // Keeps the bytes of a cut character, and drops a byte order mark.
  const decoder = new TextDecoder()
  let rest = ''
  let failure: unknown

  return (chunk) => {
    if (failure !== undefined) throw failure
    const text = decoder.decode(chunk, { stream: true })
    const values: unknown[] = []
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      // The rest is never searched again, so that a line in many chunks costs what it is long.
      const line = rest + text.slice(from, end)
      rest = ''
      from = end + 1
      if (line.trim() === '') continue
      try {
        values.push(JSON.parse(line))
      } catch (error) {
        failure = error
        if (values.length > 0) return values
        throw error
      }
    }
    rest += text.slice(from)
    return values
  }
}
