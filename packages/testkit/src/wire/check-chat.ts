import type { JsonObject } from '@harnext/core/provider'
import { listIn, objectIn, textIn, type Loose } from './answer.ts'
import { Complaints, OpenCalls, at, hasBrokenText, isBlank, isToolName } from './check-parts.ts'
import type { Vault } from './vault.ts'

/** What the Chat Completions API would find wrong with a request. */
export function checkChat(request: JsonObject, vault: Vault): string | null {
  const complaints = new Complaints()
  const messages = listIn(request['messages'])
  complaints.unless(messages.length > 0, 'messages is empty')
  complaints.unless(!hasBrokenText(request), 'the request is no valid UTF-8')
  for (const tool of listIn(request['tools'])) {
    const { name } = objectIn(tool['function'])
    complaints.unless(isToolName(name), `tools: ${JSON.stringify(name)} is no name`)
  }
  const calls = new OpenCalls(complaints)
  for (const [index, message] of messages.entries()) {
    const where = at('messages', index)
    if (message['role'] === 'tool') {
      calls.result(textIn(message['tool_call_id']))
      checkContent(message['content'], where, complaints)
      continue
    }
    calls.settle(where)
    if (message['role'] === 'assistant') checkAnswer(message, where, vault, calls, complaints)
    else checkContent(message['content'], where, complaints)
  }
  calls.settle('the end')
  return complaints.first
}

function checkAnswer(
  message: Loose,
  where: string,
  vault: Vault,
  calls: OpenCalls,
  complaints: Complaints,
): void {
  const made = listIn(message['tool_calls'])
  const hasContent = message['content'] !== null && message['content'] !== undefined
  complaints.unless(made.length > 0 || hasContent, `${where} has neither content nor calls`)
  if (hasContent) checkContent(message['content'], where, complaints)
  const thought = textIn(message['reasoning_content'])
  for (const call of made) {
    const id = textIn(call['id'])
    const { name, arguments: args } = objectIn(call['function'])
    calls.call(id)
    complaints.unless(isToolName(name), `${where}: ${JSON.stringify(name)} is no name`)
    complaints.unless(isObjectText(args), `${where}: the arguments of ${id} are no JSON object`)
    const bound = vault.boundTo(id)
    // Who sends the thinking back sends it as it was.
    complaints.unless(
      thought === '' || bound === undefined || bound === vault.sign(thought),
      `${where}: the reasoning before the call ${id} was changed`,
    )
  }
}

function isObjectText(args: unknown): boolean {
  try {
    const value: unknown = JSON.parse(textIn(args))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    // That is the complaint.
    return false
  }
}

function checkContent(content: unknown, where: string, complaints: Complaints): void {
  const parts: readonly Loose[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : listIn(content)
  complaints.unless(parts.length > 0, `${where} has no content`)
  for (const part of parts) {
    if (part['type'] === 'text')
      complaints.unless(!isBlank(part['text']), `${where}: an empty text`)
    if (part['type'] === 'image_url')
      complaints.unless(
        /^(data:image\/\w+;base64,.|https?:)/.test(textIn(objectIn(part['image_url'])['url'])),
        `${where}: an image without an address`,
      )
  }
}
