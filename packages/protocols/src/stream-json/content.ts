import {
  toWireName,
  type AssistantMessage,
  type AssistantPart,
  type ToolPart,
  type ToolResultEvent,
  type UserPart,
} from '@harnext/core'
import type { Block } from '../answer.ts'
import type { StreamJsonBlock, StreamJsonContent, StreamJsonToolResult } from './message.ts'

/** Sources and what only their vendor reads have no block. */
export function toBlocks({ content }: AssistantMessage): readonly StreamJsonBlock[] {
  return content.flatMap((part) => toBlock(part) ?? [])
}

function toBlock(part: AssistantPart): StreamJsonBlock | null {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'thinking':
      // The vendor's bytes stay in the log; readers want the field.
      return part.redacted
        ? { type: 'redacted_thinking', data: '' }
        : { type: 'thinking', thinking: part.text, signature: '' }
    case 'tool_call':
      return { type: 'tool_use', id: part.id, name: toWireName(part.tool), input: part.args }
    case 'source':
    case 'provider':
      return null
  }
}

/** As a block is when it starts. */
export function emptyBlock(block: Block): StreamJsonBlock {
  if (block.kind === 'tool_call')
    return { type: 'tool_use', id: block.id, name: toWireName(block.tool), input: {} }
  return block.kind === 'text'
    ? { type: 'text', text: '' }
    : { type: 'thinking', thinking: '', signature: '' }
}

export function toToolResult({
  id,
  content,
  output,
  status,
}: ToolResultEvent): StreamJsonToolResult {
  const plain = content.every(({ type }) => type === 'text')
  return {
    type: 'tool_result',
    tool_use_id: id,
    content: plain ? output : content.map(toContent),
    is_error: status !== 'ok',
  }
}

export function toContent(part: ToolPart | UserPart): StreamJsonContent {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return {
        type: 'image',
        source: 'url' in part ? { type: 'url', url: part.url } : base64(part),
      }
    case 'file':
      return {
        type: 'document',
        source: base64(part),
        ...(part.name !== undefined && { title: part.name }),
      }
  }
}

function base64({ mediaType, data }: { readonly mediaType: string; readonly data: string }) {
  return { type: 'base64', media_type: mediaType, data } as const
}
