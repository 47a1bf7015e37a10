import type { JsonObject } from '@harnext/core/provider'
import { listIn, textIn, type Loose } from './answer.ts'
import { Complaints, OpenCalls, at, hasBrokenText, isBlank, isToolName } from './check-parts.ts'
import type { Vault } from './vault.ts'

/** What the Responses API would find wrong with a request, when it stores nothing itself. */
export function checkResponses(request: JsonObject, vault: Vault): string | null {
  const complaints = new Complaints()
  const items = listIn(request['input'])
  complaints.unless(items.length > 0, 'input is empty')
  complaints.unless(!hasBrokenText(request), 'the request is no valid UTF-8')
  for (const { name } of listIn(request['tools']))
    complaints.unless(isToolName(name), `tools: ${JSON.stringify(name)} is no name`)
  const calls = new OpenCalls(complaints)
  let signatures: unknown[] = []
  for (const [index, item] of items.entries()) {
    const where = at('input', index)
    switch (item['type'] ?? 'message') {
      case 'reasoning':
        signatures.push(item['encrypted_content'])
        checkReasoning(item, items[index + 1], where, vault, complaints)
        break
      case 'function_call':
        calls.call(textIn(item['call_id']))
        checkCall(item, signatures, where, vault, complaints)
        break
      case 'function_call_output':
        calls.result(textIn(item['call_id']))
        checkParts(item['output'], where, complaints)
        break
      case 'message':
        if (item['role'] !== 'assistant') {
          calls.settle(where)
          signatures = []
        }
        checkParts(item['content'], where, complaints)
        break
    }
  }
  calls.settle('the end')
  return complaints.first
}

function checkReasoning(
  item: Loose,
  next: Loose | undefined,
  where: string,
  vault: Vault,
  complaints: Complaints,
): void {
  const encrypted = textIn(item['encrypted_content'])
  complaints.unless(encrypted !== '', `${where}: Item with id '${textIn(item['id'])}' not found`)
  const text = listIn(item['summary'])
    .map((part) => textIn(part['text']))
    .join('')
  complaints.unless(
    encrypted === vault.sign(text),
    `${where}: the encrypted content could not be verified`,
  )
  const isFollowed = next?.['type'] === 'function_call' || next?.['role'] === 'assistant'
  complaints.unless(isFollowed, `${where}: reasoning without the item that follows it`)
}

function checkCall(
  item: Loose,
  signatures: readonly unknown[],
  where: string,
  vault: Vault,
  complaints: Complaints,
): void {
  const id = textIn(item['call_id'])
  const bound = vault.boundTo(id)
  complaints.unless(
    isToolName(item['name']),
    `${where}: ${JSON.stringify(item['name'])} is no name`,
  )
  complaints.unless(id.length <= 64, `${where}: call_id is longer than 64`)
  complaints.unless(
    bound === undefined || signatures.includes(bound),
    `${where}: the call ${id} came with reasoning that is missing`,
  )
}

function checkParts(content: unknown, where: string, complaints: Complaints): void {
  const parts: readonly Loose[] =
    typeof content === 'string' ? [{ type: 'input_text', text: content }] : listIn(content)
  complaints.unless(parts.length > 0, `${where} has no content`)
  for (const { type, text, image_url: url } of parts) {
    if (type === 'input_text' || type === 'output_text')
      complaints.unless(!isBlank(text), `${where}: an empty text`)
    if (type === 'input_image')
      complaints.unless(
        /^(data:|https?:)./.test(textIn(url)),
        `${where}: an image without an address`,
      )
  }
}
