import type { RecordedPart } from './shared.ts'

// A second reader of the vendor's answers, written for the tests alone: it takes the body as one text and says what is in it, so
// that the adapter's reading is compared with something that is not the adapter.

export interface WireAnswer {
  /** Joined, whatever the pieces were. */
  readonly text: string
  readonly thinking: string
  readonly calls: readonly WireCall[]
  /** What is neither text nor a call of ours. */
  readonly others: readonly RecordedPart[]
  /** All of them, in order. */
  readonly signatures: readonly string[]
  readonly reason: string | undefined
  readonly usage: Readonly<Record<string, number>>
  readonly urls: readonly string[]
  readonly error: WireError | undefined
}

export interface WireError {
  readonly code: number
  readonly message: string
}

export interface WireCall {
  readonly name: string
  readonly args: unknown
  readonly id: string | undefined
}

export function readWire(body: string): WireAnswer {
  const chunks = chunksOf(body)
  const candidates = chunks.flatMap((chunk) => chunk.candidates?.slice(0, 1) ?? [])
  const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
  const texts = parts.filter(({ text }) => typeof text === 'string')
  const answered = new Set(parts.flatMap(({ functionResponse }) => functionResponse?.name ?? []))
  const isServers = ({ functionCall }: LoosePart): boolean => answered.has(functionCall?.name ?? '')
  const join = (some: readonly LoosePart[]): string => some.map(({ text }) => text).join('')
  return {
    text: join(texts.filter(({ thought }) => !thought)),
    thinking: join(texts.filter(({ thought }) => thought)),
    calls: callsOf(parts.filter((part) => part.functionCall && !isServers(part))),
    others: parts.filter(
      (part) => (!part.functionCall || isServers(part)) && typeof part.text !== 'string',
    ),
    signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    reason: [
      ...chunks.flatMap(({ promptFeedback }) => promptFeedback?.blockReason ?? []),
      ...candidates.flatMap(({ finishReason }) => finishReason ?? []),
    ].at(-1),
    usage: Object.assign({}, ...chunks.map(({ usageMetadata }) => usageMetadata)),
    urls: candidates.flatMap(({ groundingMetadata }) =>
      (groundingMetadata?.groundingChunks ?? []).flatMap(({ web }) => web?.uri ?? []),
    ),
    error: chunks.find(({ error }) => error)?.error,
  }
}

/** As loose as the wire is; what is read of it is compared in the tests. */
interface LooseChunk {
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly LoosePart[] }
    readonly finishReason?: string
    readonly groundingMetadata?: { readonly groundingChunks?: readonly LooseGrounding[] }
  }[]
  readonly promptFeedback?: { readonly blockReason?: string }
  readonly usageMetadata?: Record<string, number>
  readonly error?: WireError
}
interface LooseGrounding {
  readonly web?: { readonly uri?: string }
}
interface LoosePart {
  readonly text?: string
  readonly thought?: boolean
  readonly thoughtSignature?: string
  readonly functionCall?: {
    readonly name?: string
    readonly args?: unknown
    readonly id?: string
    readonly partialArgs?: readonly { readonly jsonPath: string; readonly stringValue: string }[]
  }
  readonly functionResponse?: { readonly name: string }
  readonly [key: string]: unknown
}

function chunksOf(body: string): LooseChunk[] {
  if (!body.startsWith('data:')) return [JSON.parse(body)].flat()
  const events = body.replaceAll('\r\n', '\n').split('\n\n')
  return events
    .filter((event) => event.trim() !== '')
    .map((event) => JSON.parse(event.slice('data:'.length)))
}

/** In the recorded answers streamed arguments are texts at the top. */
function callsOf(parts: readonly LoosePart[]): WireCall[] {
  const calls: WireCall[] = []
  for (const { functionCall: call = {} } of parts) {
    if (call.name !== undefined) calls.push({ name: call.name, args: call.args ?? {}, id: call.id })
    const args = calls.at(-1)?.args as Record<string, string>
    for (const { jsonPath, stringValue } of call.partialArgs ?? []) {
      const key = jsonPath.slice(2)
      args[key] = (args[key] ?? '') + stringValue
    }
  }
  return calls
}
