import { ToolResult, visible, type Json, type ToolPart, type ToolResultLike } from '@harnext/core'
import type { CallToolResult, ContentBlock, ResourceContents } from '@modelcontextprotocol/client'

/** Characters of text that the model gets of one result: about 25,000 tokens. */
const longestText = 100_000
/** Of the beginning, when the middle is left out; the rest is the end. */
const keptHead = 75_000
/** Base64 characters of one picture: what vendors take. */
const longestImage = 5 * 1024 * 1024
const mostParts = 100

/** What a server answered, as a result of ours: what hides in texts is made visible, and all of it is bounded. */
export function toResult(result: CallToolResult): ToolResultLike {
  const { content, structuredContent, isError = false } = result
  // The structured form repeats what the content says, unless there is none.
  const parts = content.length
    ? toParts(content)
    : structuredContent === undefined
      ? []
      : textParts(JSON.stringify(structuredContent))
  const output = parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
  return new ToolResult(output, { isError, content: parts })
}

/** The contents of a resource as a result. */
export function toResourceResult(contents: readonly ResourceContents[]): ToolResultLike {
  return toResult({
    content: contents.map((resource) => ({ type: 'resource', resource }) as ContentBlock),
  })
}

export function toParts(content: readonly ContentBlock[]): readonly ToolPart[] {
  const left = content.length - mostParts
  const more = left > 0 ? [text(`[${left} more parts are left out]`)] : []
  return bounded([...content.slice(0, mostParts).flatMap(toPart), ...more])
}

function toPart(block: ContentBlock): readonly ToolPart[] {
  switch (block.type) {
    case 'text':
      return textParts(block.text)
    case 'image':
      return [media(block.mimeType, block.data)]
    case 'audio':
      return [text(`[audio, ${visible(block.mimeType)}, ${sizeOf(block.data)}: not shown]`)]
    case 'resource_link': {
      const { uri, name, description, mimeType } = block
      const about = [description, mimeType].filter((each) => each !== undefined).join(', ')
      return [text(`[resource ${name}: ${uri}${about && ` (${about})`}]`)]
    }
    case 'resource': {
      const { resource } = block
      if ('text' in resource) return textParts(`[resource ${resource.uri}]\n${resource.text}`)
      const { blob, mimeType = 'application/octet-stream', uri } = resource
      return [text(`[resource ${uri}]`), media(mimeType, blob)]
    }
  }
}

function media(mediaType: string, data: string): ToolPart {
  const isShown = /^image\/(png|jpeg|gif|webp)$/.test(mediaType) && data.length <= longestImage
  if (isShown) return { type: 'image', mediaType, data }
  return text(`[${mediaType}, ${sizeOf(data)}: not shown]`)
}

function sizeOf(base64: string): string {
  return `${Math.ceil((base64.length * 3) / 4 / 1024)} KB`
}

function textParts(value: string): readonly ToolPart[] {
  return [{ type: 'text', text: visible(cut(value)) }]
}

function text(value: string): ToolPart {
  return { type: 'text', text: visible(cut(value)) }
}

/** Megabytes need not be looked at for what is cut off. */
function cut(value: string): string {
  if (value.length <= longestText) return value
  const tail = longestText - keptHead
  const left = value.length - longestText
  return `${value.slice(0, keptHead)}\n[${left} characters are left out here: ask for less, or for a part]\n${value.slice(-tail)}`
}

/** The texts of all parts together are bounded, too; of pictures, ten are shown. */
function bounded(parts: readonly ToolPart[]): readonly ToolPart[] {
  let characters = 0
  let images = 0
  return parts.filter((part) => {
    if (part.type !== 'text') return ++images <= 10
    characters += part.text.length
    // Letters that were made visible take more room than they had.
    return characters <= 2 * longestText
  })
}

/** JSON of a server, in which no text hides anything: descriptions and schemas of tools. */
export function visibleJson(value: Json): Json {
  if (typeof value === 'string') return visible(value)
  if (Array.isArray(value)) return value.map((each: Json) => visibleJson(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [visible(key), visibleJson(each)]),
  )
}
