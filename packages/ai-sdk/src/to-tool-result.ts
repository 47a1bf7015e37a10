import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'
import { ToolResult, type Json, type ToolPart } from '@harnext/core'
import { toBase64 } from './base64.ts'
import type { AiSdkTool } from './from-ai-sdk-tools.ts'

interface Outcome {
  readonly toolCallId: string
  readonly input: Json
  readonly output: unknown
}

/** What a tool returned, or what its `toModelOutput` makes of it. */
export async function toToolResult(
  { toModelOutput }: AiSdkTool,
  outcome: Outcome,
): Promise<unknown> {
  if (!toModelOutput) return outcome.output
  const shown: unknown = await toModelOutput(outcome as never)
  return fromModelOutput(shown as LanguageModelV4ToolResultOutput)
}

function fromModelOutput(output: LanguageModelV4ToolResultOutput): ToolResult {
  switch (output.type) {
    case 'text':
    case 'json':
      return ToolResult.ok(output.value as Json)
    case 'error-text':
    case 'error-json':
      return ToolResult.error(output.value as Json)
    case 'execution-denied':
      return ToolResult.error(output.reason ?? 'The call was denied.')
    case 'content': {
      const content = output.value.map(toPart)
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
      return ToolResult.ok(text, { content })
    }
  }
}

type ContentValue = Extract<LanguageModelV4ToolResultOutput, { type: 'content' }>['value'][number]

function toPart(part: ContentValue): ToolPart {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'custom') return omitted('content of one provider')
  const { mediaType, data, filename: name } = part
  const isImage = mediaType.startsWith('image')
  if (data.type === 'text') return { type: 'text', text: data.text }
  if (data.type === 'url' && isImage) return { type: 'image', url: String(data.url) }
  if (data.type !== 'data') return omitted(`${mediaType} by ${data.type}`)
  const base64 = typeof data.data === 'string' ? data.data : toBase64(data.data)
  if (isImage) return { type: 'image', mediaType, data: base64 }
  return { type: 'file', mediaType, data: base64, ...(name !== undefined && { name }) }
}

function omitted(what: string): ToolPart {
  return { type: 'text', text: `[${what} omitted]` }
}
