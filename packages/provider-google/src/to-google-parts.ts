import {
  isJsonObject,
  warning,
  type AssistantMessage,
  type AssistantPart,
  type FilePart,
  type ImagePart,
  type Json,
  type JsonObject,
  type ToolCallPart,
  type ToolMessage,
  type UserPart,
  type Warning,
} from '@harnext/core/provider'
import { api, type WirePart } from './google-api.ts'
import type { Dialect } from './models.ts'

// One message of ours as parts of the API.

export function toUserParts(content: readonly UserPart[], warnings: Warning[]): WirePart[] {
  return content.flatMap((part): WirePart[] => {
    if (part.type === 'text') return isBlank(part.text) ? [] : [{ text: part.text }]
    return [toMedia(part, mediaTypes) ?? { text: placeholder(part, warnings) }]
  })
}

/**
 * Signed parts go back as they came, in their places. Where the calls of a turn carry no signature, since another vendor's model
 * made them, newer models want the word that stands for one.
 */
export function toModelParts(
  { content }: AssistantMessage,
  { wantsSignatures }: Dialect,
): WirePart[] {
  const parts = content.map(toModelPart).filter((part) => part !== null)
  const first = parts.findIndex((part) => 'functionCall' in part)
  if (wantsSignatures && first !== -1 && !parts.some((part) => 'thoughtSignature' in part))
    parts[first] = { ...parts[first], thoughtSignature: 'skip_thought_signature_validator' }
  return parts
}

export interface WireResult {
  readonly response: WirePart
  /** For older models, which do not take these inside of a result. */
  readonly media: readonly WirePart[]
}

export function toFunctionResponse(
  message: ToolMessage,
  call: ToolCallPart,
  { mediaInResults }: Dialect,
  warnings: Warning[],
): WireResult {
  const texts: string[] = []
  const media: WirePart[] = []
  for (const part of message.content) {
    const medium =
      part.type === 'text' ? null : toMedia(part, mediaInResults ? resultTypes : mediaTypes)
    if (medium) media.push(medium)
    else texts.push(part.type === 'text' ? part.text : placeholder(part, warnings))
  }
  const text = texts.join('\n')
  const parts = mediaInResults && media.length > 0 ? { parts: media } : {}
  const response = functionResponse(call, {
    response: message.status === 'ok' ? { output: text } : { error: text },
    ...parts,
  })
  if (mediaInResults || media.length === 0) return { response, media: [] }
  return { response, media: [{ text: `Content of the result of ${call.tool}:` }, ...media] }
}

/** Stands for the outcome of a call that has none: the API refuses a call without a result. */
export function missingResponse(call: ToolCallPart): WirePart {
  const error = 'There is no result: the call was interrupted before its outcome was recorded.'
  return functionResponse(call, { response: { error } })
}

function functionResponse(call: ToolCallPart, rest: JsonObject): WirePart {
  return { functionResponse: { ...vendorId(call), name: toName(call.tool), ...rest } }
}

/** What the vendor gave with the call stands beside it; its id goes inside, and one of ours is not sent. */
export function toFunctionCall(call: ToolCallPart): WirePart {
  const { id: _id, ...fields } = own(call) ?? {}
  const args = isJsonObject(call.args) ? call.args : {}
  return { functionCall: { ...vendorId(call), name: toName(call.tool), args }, ...fields }
}

function vendorId(call: ToolCallPart): { readonly id?: Json } {
  const id = own(call)?.['id']
  return id === undefined ? {} : { id }
}

function toModelPart(part: AssistantPart): WirePart | null {
  switch (part.type) {
    case 'text': {
      const data = own(part)
      return part.text || data ? { text: part.text, ...data } : null
    }
    case 'thinking': {
      const data = own(part)
      return data && { text: part.text, thought: true, ...data }
    }
    case 'tool_call':
      return toFunctionCall(part)
    case 'provider': {
      const data = own(part)
      return data && !('continuationToken' in data) ? data : null
    }
    case 'source':
      return null
  }
}

/** What this API gave with the part; nothing of another one's. */
function own({ opaque }: Exclude<AssistantPart, { type: 'source' }>): JsonObject | null {
  return opaque?.by === api && isJsonObject(opaque.data) ? opaque.data : null
}

/** Characters that the API does not know in a name; names of ours have none. */
function toName(tool: string): string {
  return tool.replaceAll(/[^A-Za-z0-9_.:-]/g, '_')
}

function toMedia(part: ImagePart | FilePart, types: RegExp): WirePart | null {
  if ('url' in part) {
    const mimeType = typeOfName(part.url)
    return { fileData: { ...(mimeType && { mimeType }), fileUri: part.url } }
  }
  const mimeType = textTypes.test(part.mediaType) ? 'text/plain' : part.mediaType
  return types.test(mimeType) ? { inlineData: { mimeType, data: part.data } } : null
}

const mediaTypes =
  /^(image\/(png|jpeg|webp|heic|heif)|application\/pdf|text\/plain|(audio|video)\/.+)$/
const resultTypes = /^(image\/(png|jpeg|webp)|application\/pdf|text\/plain)$/
const textTypes = /^text\/|[/+](json|xml|yaml|javascript)$/

/** The API asks for the type of what it is to fetch. */
function typeOfName(url: string): string | undefined {
  const extension = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? ''
  return typeOfExtension[extension]
}

const typeOfExtension: { readonly [extension: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
}

function placeholder(part: ImagePart | FilePart, warnings: Warning[]): string {
  const what = 'url' in part ? part.url : part.mediaType
  const name = part.type === 'file' && part.name ? ` ${part.name}` : ''
  const text = `[${part.type}${name} (${what}) omitted]`
  warnings.push(warning('unsupported_part', `Gemini does not take this: ${text}`))
  return text
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}
