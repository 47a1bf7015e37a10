import type { Message, ToolCallPart, ToolPart } from '@harnext/core/provider'
import type { RecordedContent, RecordedPart } from './shared.ts'

// What recorded clients sent, in one spelling. They write names in two ways, signatures in two alphabets, results under names of
// their own, and ids that they made up.

type Loose = Readonly<Record<string, unknown>>

/** Turns of one side that follow each other are one. */
export function known(contents: readonly RecordedContent[]): RecordedContent[] {
  const turns: { role: string; parts: RecordedPart[] }[] = []
  for (const { role = 'user', parts } of contents) {
    const last = turns.at(-1)
    if (last?.role === role) last.parts.push(...parts.map(knownPart))
    else turns.push({ role, parts: parts.map(knownPart) })
  }
  return turns.map(({ role, parts }) => ({ role, parts: joinedTexts(parts) }))
}

function knownPart(part: RecordedPart): RecordedPart {
  const { functionCall, functionResponse, thoughtSignature, ...rest } = camelCased(part) as {
    functionCall?: Loose
    functionResponse?: Loose
    thoughtSignature?: string
  }
  const { id: _id, ...call } = functionCall ?? {}
  return {
    ...rest,
    ...(functionCall && { functionCall: call }),
    ...(functionResponse && { functionResponse: knownResponse(functionResponse) }),
    ...(thoughtSignature !== undefined && {
      thoughtSignature: thoughtSignature.replaceAll('-', '+').replaceAll('_', '/'),
    }),
  }
}

function knownResponse({ name, response, parts }: Loose): Loose {
  return { name, text: textOf(response as Loose), ...(parts !== undefined && { parts }) }
}

function textOf(response: Loose): string {
  const { output, error, return_value: value, content } = response
  if (Array.isArray(content)) return content.map((part: { text: string }) => part.text).join('\n')
  // A server's own result has other fields, and is compared as it is.
  const text = output ?? error ?? value
  return typeof text === 'string' ? text : JSON.stringify(response)
}

/** Clients send a streamed text back in its pieces. */
function joinedTexts(parts: readonly RecordedPart[]): RecordedPart[] {
  const joined: RecordedPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const isPlain = (one: RecordedPart | undefined): boolean =>
      one !== undefined && Object.keys(one).join() === 'text'
    if (isPlain(part) && isPlain(last))
      joined[joined.length - 1] = { text: `${String(last?.['text'])}${String(part['text'])}` }
    else joined.push(part)
  }
  return joined
}

/** Arguments and results have names of their own, which stay. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replaceAll(/_(\w)/g, (_found, letter: string) => letter.toUpperCase())
      return [name, name === 'args' || name === 'response' ? inner : camelCased(inner)]
    }),
  )
}

/** The user's side of a recorded request as messages of ours. Results answer the calls in order. */
export function toMessages(
  contents: readonly RecordedContent[],
  calls: readonly ToolCallPart[],
): Message[] {
  const open = [...calls]
  return contents
    .flatMap(({ parts }) => parts)
    .map((recorded): Message => {
      const part = camelCased(recorded) as Loose
      const response = part['functionResponse'] as Loose | undefined
      if (!response) return { role: 'user', content: [toPart(part)] }
      const call = open.shift()
      if (!call) throw new Error('a result without a call')
      const given = response['response'] as Loose
      return {
        role: 'tool',
        id: call.id,
        tool: call.tool,
        status: 'error' in given ? 'error' : 'ok',
        content: resultParts(response),
      }
    })
}

/** What a tool returned, to return it again. */
export function resultParts(recorded: unknown): ToolPart[] {
  const { response, parts = [] } = camelCased(recorded) as { response: Loose; parts?: Loose[] }
  return [{ type: 'text', text: textOf(response) }, ...parts.map(toPart)]
}

function toPart({ text, inlineData, fileData }: Loose): ToolPart {
  if (typeof text === 'string') return { type: 'text', text }
  if (fileData) return { type: 'image', url: (fileData as { fileUri: string }).fileUri }
  const { mimeType: mediaType, data } = inlineData as { mimeType: string; data: string }
  return mediaType.startsWith('image/')
    ? { type: 'image', mediaType, data }
    : { type: 'file', mediaType, data }
}
