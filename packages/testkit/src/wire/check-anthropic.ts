import type { JsonObject } from '@harnext/core/provider'
import { listIn, objectIn, textIn, type Loose } from './answer.ts'
import { Complaints, OpenCalls, at, hasBrokenText, isBlank, isToolName } from './check-parts.ts'
import type { Vault } from './vault.ts'

/** What the Messages API would find wrong with a request. */
export function checkAnthropic(request: JsonObject, vault: Vault): string | null {
  const complaints = new Complaints()
  const messages = listIn(request['messages'])
  complaints.unless(typeof request['max_tokens'] === 'number', 'max_tokens: Field required')
  complaints.unless(messages[0]?.['role'] === 'user', 'messages[0] must be the user’s')
  complaints.unless(!hasBrokenText(request), 'the request is no valid UTF-8')
  const breakpoints = JSON.stringify(request).split('"cache_control"').length - 1
  complaints.unless(breakpoints <= 4, `at most 4 cache_control, got ${breakpoints}`)
  for (const { name } of listIn(request['tools']))
    complaints.unless(isToolName(name), `tools: ${JSON.stringify(name)} is no name`)
  const calls = new OpenCalls(complaints)
  for (const [index, message] of messages.entries()) {
    const where = at('messages', index)
    const blocks = blocksOf(message)
    complaints.unless(blocks.length > 0, `${where} has no content`)
    if (message['role'] === 'assistant') {
      calls.settle(where)
      checkAnswer(blocks, where, vault, complaints)
      for (const { type, id } of blocks) if (type === 'tool_use') calls.call(textIn(id))
    } else checkUser(blocks, where, calls, complaints)
  }
  calls.settle('the end')
  return complaints.first
}

function blocksOf({ content }: Loose): readonly Loose[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : listIn(content)
}

function checkAnswer(
  blocks: readonly Loose[],
  where: string,
  vault: Vault,
  complaints: Complaints,
): void {
  const signatures: unknown[] = []
  for (const block of blocks) {
    if (block['type'] === 'text')
      complaints.unless(!isBlank(block['text']), `${where}: text content blocks must be non-empty`)
    if (block['type'] === 'thinking') {
      const isOurs = block['signature'] === vault.sign(textIn(block['thinking']))
      complaints.unless(isOurs, `${where}: Invalid signature in thinking block`)
      signatures.push(block['signature'])
    }
    if (block['type'] === 'tool_use') {
      const id = textIn(block['id'])
      const bound = vault.boundTo(id)
      complaints.unless(isToolName(id), `${where}: the id ${id} does not match the pattern`)
      complaints.unless(
        bound === undefined || signatures.includes(bound),
        `${where}: the thinking that came before the call ${id} is missing`,
      )
    }
  }
  complaints.unless(
    blocks.at(-1)?.['type'] !== 'thinking',
    `${where}: the last block is a thinking block`,
  )
}

/** Results stand before everything else. */
function checkUser(
  blocks: readonly Loose[],
  where: string,
  calls: OpenCalls,
  complaints: Complaints,
): void {
  for (const block of blocks) {
    const { type, text, source } = block
    if (type === 'tool_result') {
      calls.result(textIn(block['tool_use_id']))
      for (const inner of listIn(block['content'])) checkContent(inner, where, complaints)
      const isPlain = listIn(block['content']).every((inner) => inner['type'] === 'text')
      complaints.unless(!block['is_error'] || isPlain, `${where}: an error may hold text alone`)
    } else {
      calls.settle(where)
      checkContent({ type, text, source }, where, complaints)
    }
  }
  calls.settle(where)
}

function checkContent({ type, text, source }: Loose, where: string, complaints: Complaints): void {
  if (type === 'text')
    complaints.unless(!isBlank(text), `${where}: text content blocks must be non-empty`)
  if (type === 'image' || type === 'document') {
    const { data, url } = objectIn(source)
    complaints.unless(!isBlank(data) || !isBlank(url), `${where}: ${type} has no source`)
  }
}
