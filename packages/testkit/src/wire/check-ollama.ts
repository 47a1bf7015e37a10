import type { JsonObject } from '@harnext/core/provider'
import { listIn, objectIn, textIn } from './answer.ts'
import { Complaints, at, hasBrokenText, isBlank } from './check-parts.ts'

/** What a careful server of Ollama's kind would find wrong with a request: the real one forgives, and its models are confused. */
export function checkOllama(request: JsonObject): string | null {
  const complaints = new Complaints()
  const messages = listIn(request['messages'])
  complaints.unless(messages.length > 0, 'messages is empty')
  complaints.unless(!hasBrokenText(request), 'the request is no valid UTF-8')
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const where = at('messages', index)
    if (message['role'] === 'tool') {
      const name = textIn(message['tool_name'])
      const place = open.indexOf(name)
      complaints.unless(place !== -1, `${where}: a result of ${name}, which was not called`)
      open = open.filter((_name, other) => other !== place)
      complaints.unless(!isBlank(message['content']), `${where} has no content`)
      continue
    }
    complaints.unless(open.length === 0, `calls without a result before ${where}: ${open.join()}`)
    open = listIn(message['tool_calls']).map((call) => textIn(objectIn(call['function'])['name']))
    const images = Array.isArray(message['images']) ? (message['images'] as unknown[]) : []
    for (const image of images)
      complaints.unless(/^[A-Za-z0-9+/]+=*$/.test(textIn(image)), `${where}: an image is no base64`)
    complaints.unless(
      !isBlank(message['content']) || open.length > 0 || images.length > 0,
      `${where} has no content`,
    )
  }
  complaints.unless(open.length === 0, `calls without a result at the end: ${open.join()}`)
  return complaints.first
}
