import type { Message } from '@harnext/core/provider'
import type { Dialect } from '../src/models.ts'
import type { WrittenContents } from '../src/to-google-contents.ts'

/** The same writer, whose histories are JSON arrays and are over at once. */
export function textWriter(
  write: (messages: readonly Message[], dialect: Dialect) => WrittenContents,
): (
  messages: readonly Message[],
  dialect: Dialect,
) => { readonly text: string } & Omit<WrittenContents, 'body' | 'release'> {
  return (messages, dialect) => {
    const { body, release, ...rest } = write(messages, dialect)
    const text = bodyText({ body: body('[', ']') })
    release()
    return { text, ...rest }
  }
}

export function bodyText({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body)
}
