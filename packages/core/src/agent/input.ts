import type { RunEvent } from '../events.ts'
import { userMessage, type Message, type UserMessage } from '../messages.ts'
import { resultEvent } from '../tool/execute.ts'

/** What the person said, as the events that a log keeps. A tool message becomes the result that it is. */
export function inputEvents(
  input: string | readonly Message[],
  origin?: UserMessage['origin'],
): readonly RunEvent[] {
  const messages = typeof input === 'string' ? [userMessage(input, origin)] : input
  return messages.map((message) =>
    message.role === 'tool'
      ? resultEvent(message, message.status, message.content)
      : { type: 'message', message },
  )
}
