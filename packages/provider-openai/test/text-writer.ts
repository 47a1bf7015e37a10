import type { Message, WrittenHistory } from '@harnext/core/provider'

/** The same writer, whose histories are the members of a JSON array and are over at once. */
export function textWriter(write: (messages: readonly Message[]) => WrittenHistory): (
  messages: readonly Message[],
) => {
  readonly text: string
  readonly warnings: WrittenHistory['warnings']
} {
  return (messages) => {
    const { warnings, body, release } = write(messages)
    const text = bodyText({ body: body('', '') })
    release()
    return { text, warnings }
  }
}

export function bodyText({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body)
}
