/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** An escape sequence of a terminal: colours and cursor (CSI), titles and links (OSC and the like), or two characters. */
const sequence =
  /\x1B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1B]{0,4096}(?:\x07|\x1B\\)|[ -/]*[0-Z\\`-~])/g
/** The beginning of a sequence or a line end whose rest may come in the next piece. */
const unfinished = /(?:\r|\x1B(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1B]{0,4096}\x1B?|[ -/]*)?)$/
const control = /[\0-\x08\x0B-\x1F\x7F-\x9F]/g

/**
 * Makes the bytes of a command's output text, piece by piece: UTF-8, without escape sequences, every line end `\n`. Any other control
 * character becomes its picture (`␀`), so that it is seen and does nothing.
 */
export class PrintableDecoder {
  readonly #decoder = new TextDecoder('utf-8')
  #rest = ''

  add(chunk: Uint8Array): string {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true })
    this.#rest = unfinished.exec(text)?.[0] ?? ''
    return printable(text.slice(0, text.length - this.#rest.length))
  }

  finish(): string {
    return printable(this.#rest + this.#decoder.decode())
  }
}

export function printable(text: string): string {
  return text.replace(sequence, '').replace(/\r\n?/g, '\n').replace(control, picture)
}

function picture(char: string): string {
  const code = char.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\uFFFD'
}
