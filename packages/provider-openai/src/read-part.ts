import {
  warning,
  type FilePart,
  type ImagePart,
  type ToolMessage,
  type UserPart,
  type Warning,
} from '@harnext/core/provider'

/** What a server takes besides text. */
export interface Takes {
  /** Of the vendor, as in a sentence. */
  readonly name: string
  readonly images: boolean
  readonly files: boolean
}

/** A part in the few forms that both APIs have. Addresses may be `data:`. */
export type PlainPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'file'; readonly name: string; readonly url: string }

/** Without blank texts. What the server does not take becomes a line of text, and a warning. */
export function readParts(
  content: readonly UserPart[],
  takes: Takes,
  warnings: Warning[],
): PlainPart[] {
  return content.flatMap((part) => {
    if (part.type === 'text') return part.text.trim() === '' ? [] : [part]
    const read = part.type === 'image' ? readImage(part, takes) : readFile(part, takes)
    if (read) return [read]
    const text = omitted(part)
    warnings.push(warning('unsupported_part', `${takes.name} does not take this: ${text}`))
    return [{ type: 'text', text }]
  })
}

/** The API has no mark for a result that failed, so the text says it; one that was denied says so by itself. */
export function readResult(
  { content, status }: ToolMessage,
  takes: Takes,
  warnings: Warning[],
): PlainPart[] {
  const parts = readParts(content, takes, warnings)
  const [first, ...rest] = parts
  if (status !== 'error' || (first?.type === 'text' && /^error/i.test(first.text))) return parts
  if (first?.type !== 'text') return [{ type: 'text', text: 'Error.' }, ...parts]
  return [{ type: 'text', text: `Error: ${first.text}` }, ...rest]
}

export const missingResult =
  'Error: there is no result: the call was interrupted before its outcome was recorded.'

/** A result must say something. */
export const emptyResult = '(no output)'

function readImage(part: ImagePart, { images }: Takes): PlainPart | null {
  if (!images) return null
  if ('url' in part) return { type: 'image', url: part.url }
  if (!imageTypes.has(part.mediaType)) return null
  return { type: 'image', url: dataURL(part) }
}

const imageTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
])

function readFile(part: FilePart, takes: Takes): PlainPart | null {
  const { mediaType, name, data } = part
  if (imageTypes.has(mediaType)) return readImage({ type: 'image', mediaType, data }, takes)
  if (mediaType === 'application/pdf')
    return takes.files ? { type: 'file', name: name ?? 'file.pdf', url: dataURL(part) } : null
  if (!/^text\/|[/+](json|xml|yaml|javascript)$/.test(mediaType)) return null
  const text = decoded(data)
  return text === null ? null : { type: 'text', text: name ? `${name}:\n${text}` : text }
}

function dataURL({ mediaType, data }: { mediaType: string; data: string }): string {
  return `data:${mediaType};base64,${data}`
}

function decoded(base64: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    // Not base64: the caller sends a placeholder and warns.
    return null
  }
}

function omitted(part: ImagePart | FilePart): string {
  const what = 'url' in part ? part.url : part.mediaType
  const name = part.type === 'file' && part.name ? ` ${part.name}` : ''
  return `[${part.type}${name} (${what}) omitted]`
}
