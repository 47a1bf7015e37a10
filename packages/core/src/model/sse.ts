/** One event of a `text/event-stream`. `event` is `message` where the server gave no name; data lines are joined by `\n`. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
}

/**
 * Makes a parser for one stream: bytes in as they come, out the events that they complete. Lines may end in LF, CRLF or CR, and a
 * chunk may end anywhere, inside a character as well. What has no blank line behind it is not an event. A chunk of comments alone
 * gives an empty array: a watchdog that counts calls sees that the server is alive.
 */
export function sseParser(): (chunk: Uint8Array) => ServerSentEvent[] {
  // Keeps the bytes of a cut character, and drops a byte order mark.
  const decoder = new TextDecoder()
  const fields = eventFields()
  let rest = ''
  let afterReturn = false

  return (chunk) => {
    let text = decoder.decode(chunk, { stream: true })
    if (text === '') return []
    if (afterReturn && text.startsWith('\n')) text = text.slice(1)
    afterReturn = false
    if (text.includes('\r')) {
      afterReturn = text.endsWith('\r')
      text = text.replaceAll(/\r\n?/g, '\n')
    }
    const found: ServerSentEvent[] = []
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      if (rest === '') fields.take(text, from, end, found)
      else {
        // The rest is never searched again, so that a line in many chunks costs what it is long.
        const line = rest + text.slice(from, end)
        rest = ''
        fields.take(line, 0, line.length, found)
      }
      from = end + 1
    }
    rest += text.slice(from)
    return found
  }
}

/** Collects the fields of the event that is under way. Lines are taken as ranges, so that most of them are never copied. */
function eventFields() {
  let event = ''
  let data: string | undefined
  return {
    take(text: string, from: number, end: number, found: ServerSentEvent[]): void {
      if (from === end) {
        if (data !== undefined) found.push({ event: event || 'message', data })
        event = ''
        data = undefined
        return
      }
      const dataValue = fieldValue(text, from, end, 'data')
      if (dataValue !== undefined) data = data === undefined ? dataValue : `${data}\n${dataValue}`
      else event = fieldValue(text, from, end, 'event') ?? event
    },
  }
}

/** The value of the line when its field is `name`: what follows the colon, without one space. */
function fieldValue(text: string, from: number, end: number, name: string): string | undefined {
  if (!text.startsWith(name, from)) return undefined
  const colon = from + name.length
  if (colon === end) return ''
  if (text[colon] !== ':') return undefined
  return text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1, end)
}
