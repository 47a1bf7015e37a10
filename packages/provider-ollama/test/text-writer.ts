import type { Message, WrittenHistory } from '@harnext/core/provider'

/** The same writer, whose histories are the members of a JSON array and are over at once. */
export function textWriter<Dialect>(
  write: (messages: readonly Message[], dialect: Dialect) => WrittenHistory,
): (
  messages: readonly Message[],
  dialect: Dialect,
) => { readonly text: string; readonly warnings: WrittenHistory['warnings'] } {
  return (messages, dialect) => {
    const { warnings, body, release } = write(messages, dialect)
    const text = bodyText({ body: body('', '') })
    release()
    return { text, warnings }
  }
}

export function bodyText({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body)
}
