import type { ImagePart, Message, TextPart } from '../messages.ts'

/** The message for a model that takes no images: a text in the place of each says so. The same object where there is none. */
export function omitImages(message: Message): Message {
  if (message.role === 'assistant' || !message.content.some(({ type }) => type === 'image'))
    return message
  const content = message.content.map((part) => (part.type === 'image' ? placeholder(part) : part))
  return Object.freeze({ ...message, content: Object.freeze(content) })
}

function placeholder(part: ImagePart): TextPart {
  const what = 'url' in part ? part.url : part.mediaType
  return Object.freeze({ type: 'text', text: `[image (${what}) omitted: this model takes none]` })
}
