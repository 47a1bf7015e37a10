import { ConfigError, type Message, type UserPart } from '@harnext/core'
import type { Input } from './runner.ts'

/** A message of a chat page, as `useChat` of the AI SDK sends it, as far as it is read here. */
export interface UiMessage {
  readonly role: string
  readonly parts: readonly {
    readonly type: string
    readonly text?: string
    readonly mediaType?: string
    readonly filename?: string
    readonly url?: string
  }[]
}

/** What the person said last: a text, or a message where there are files with it. Throws `ConfigError` when there is nothing. */
export function extractUserInput(messages: readonly UiMessage[]): Input {
  const last = messages.findLast(({ role }) => role === 'user')
  const content = (last?.parts ?? []).flatMap((part) => toPart(part) ?? [])
  if (!content.length) throw new ConfigError('There is no user message with text or files.')
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  if (texts.length === content.length) return texts.join('')
  return [{ role: 'user', content } satisfies Message]
}

function toPart(part: UiMessage['parts'][number]): UserPart | null {
  if (part.type === 'text') return part.text ? { type: 'text', text: part.text } : null
  if (part.type !== 'file' || part.url === undefined) return null
  const { mediaType = '', filename: name, url } = part
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1]
  if (mediaType.startsWith('image/'))
    return data === undefined ? { type: 'image', url } : { type: 'image', mediaType, data }
  if (data === undefined)
    throw new ConfigError(`A file must be a data URL with base64; got ${url.slice(0, 60)}.`)
  return { type: 'file', mediaType, data, ...(name !== undefined && { name }) }
}
