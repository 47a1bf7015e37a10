import { dataOf, textIn, type Loose } from './shared.ts'

// A second reader of the vendors' answers, written for the tests alone: it takes the body as one text and folds all chunks into one
// message by plain concatenation, so that the adapter's reading is compared with something that is not the adapter.

export interface ChatAnswer {
  readonly thinking: string
  readonly text: string
  readonly refusal: string
  readonly calls: readonly { readonly tool: string; readonly text: string }[]
  readonly reason: string | null
  readonly usage: Loose | null
  readonly error: Loose | null
}

export function readChat(body: string, isStream: boolean): ChatAnswer {
  const chunks: Loose[] = isStream
    ? dataOf(body)
        .filter((data) => data !== '[DONE]')
        .map((data) => JSON.parse(data))
    : [JSON.parse(body)]
  const answer = { thinking: '', text: '', refusal: '', reason: null as string | null }
  const calls = new Map<string, { tool: string; text: string }>()
  let usage: Loose | null = null
  let error: Loose | null = null
  for (const chunk of chunks) {
    error ??= (chunk['error'] ?? null) as Loose | null
    usage = (chunk['usage'] ?? usage) as Loose | null
    const [choice] = ((chunk['choices'] ?? []) as Loose[]).filter(({ index }) => !index)
    if (!choice) continue
    const message = ((isStream ? choice['delta'] : choice['message']) ?? {}) as Loose
    const said = textIn(message['reasoning_content']) || textIn(message['reasoning'])
    answer.thinking += said || summaries(message)
    answer.refusal += textIn(message['refusal'])
    answer.reason = (choice['finish_reason'] ?? answer.reason) as string | null
    if (Array.isArray(message['content'])) addParts(answer, message['content'])
    else answer.text += textIn(message['content'])
    const pieces = (message['tool_calls'] ?? []) as Loose[]
    if (message['function_call']) pieces.push({ function: message['function_call'] })
    for (const piece of pieces) addPiece(calls, piece)
  }
  return { ...answer, calls: [...calls.values()], usage, error }
}

function addParts(answer: { thinking: string; text: string }, parts: readonly Loose[]): void {
  for (const { type, text, thinking } of parts) {
    if (type === 'text') answer.text += textIn(text)
    for (const inner of (thinking ?? []) as Loose[]) answer.thinking += textIn(inner['text'])
  }
}

/** No recording has two calls at one place. */
function addPiece(calls: Map<string, { tool: string; text: string }>, piece: Loose): void {
  const key = JSON.stringify(piece['index'] ?? 0)
  const call = calls.get(key) ?? { tool: '', text: '' }
  const { name, arguments: args } = (piece['function'] ?? {}) as Loose
  call.tool ||= textIn(name)
  call.text += typeof args === 'string' ? args : JSON.stringify(args ?? '')
  calls.set(key, call)
}

function summaries({ reasoning_details: details }: Loose): string {
  return ((details ?? []) as Loose[])
    .map(({ summary }) => textIn(summary))
    .filter(Boolean)
    .join('\n\n')
}
