import type { WireAnswer } from './answer.ts'
import { readAnthropic } from './read-anthropic.ts'
import { readChat } from './read-chat.ts'
import { readGoogle } from './read-google.ts'
import { readOllama } from './read-ollama.ts'
import { readResponses } from './read-responses.ts'

/** One API of a vendor, as its bytes are. */
export interface WireFormat {
  /** `<vendor>.<api>`: `anthropic.messages`. */
  readonly id: string
  /** Whether a request asks the model; what else an adapter may ask is answered with 404. */
  isCall(path: string): boolean
  /** Reads a whole body, streamed or not. Throws `SyntaxError` when it is not of this format. */
  read(body: string): WireAnswer
}

/** The formats that the kit knows. */
export const wireFormats: readonly WireFormat[] = [
  { id: 'anthropic.messages', isCall: (path) => path.includes('/messages'), read: readAnthropic },
  { id: 'openai.chat', isCall: (path) => path.includes('/chat/completions'), read: readChat },
  { id: 'openai.responses', isCall: (path) => path.includes('/responses'), read: readResponses },
  { id: 'google.generateContent', isCall: (path) => /enerateContent/.test(path), read: readGoogle },
  { id: 'ollama.chat', isCall: (path) => path.includes('/api/chat'), read: readOllama },
]

/** The format of an adapter by its `api`: the one of that name, else the one that all others of that name speak. */
export function formatOf(api: string): WireFormat | undefined {
  const name = api.slice(api.indexOf('.') + 1)
  return (
    wireFormats.find(({ id }) => id === api) ??
    wireFormats.find(({ id }) => id.endsWith(`.${name}`))
  )
}
