import type { Loose } from './answer.ts'

/** Whether a body is a stream of server-sent events, or what is left of one: JSON begins with a bracket. */
export function isEventStream(body: string): boolean {
  return !/^\s*[[{]/.test(body)
}

/** The data of the complete events of a body, as JSON; `[DONE]` and what is no JSON is left out. */
export function eventsIn(body: string): Loose[] {
  return body
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trim())
        .join('\n')
      return data === '' || data === '[DONE]' ? [] : [JSON.parse(data) as Loose]
    })
}

/** Whether the body has the word with which streams of OpenAI's kind end. */
export function hasDone(body: string): boolean {
  return /^data: ?\[DONE\]/m.test(body)
}
