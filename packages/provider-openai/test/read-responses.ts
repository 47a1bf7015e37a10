import { dataOf, textIn, type Loose } from './shared.ts'

// A second reader of the vendor's answers, written for the tests alone: it takes the body as one text and looks at whole items
// only, never at deltas, so that the adapter's reading is compared with something that is not the adapter.

export interface ResponsesAnswer {
  readonly items: readonly Loose[]
  readonly status: string
  readonly reason: string | undefined
  readonly usage: Loose | null
  readonly error: Loose | undefined
}

export function readResponses(body: string, isStream: boolean): ResponsesAnswer {
  if (!isStream) return fromResponse(JSON.parse(body), [])
  const items = new Map<number, Loose>()
  let last: Loose = { status: 'in_progress' }
  let error: Loose | undefined
  for (const data of dataOf(body)) {
    if (data === '[DONE]') continue
    const event = JSON.parse(data)
    if (event.type === 'response.output_item.done') items.set(event.output_index, event.item)
    if (event.type === 'error') error ??= event.error ?? event
    if (/^response\.(completed|incomplete|failed)$/.test(event.type)) last = event.response
  }
  const done = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
  const answer = fromResponse(last, done)
  return error ? { ...answer, error } : answer
}

function fromResponse(response: Loose, done: readonly Loose[]): ResponsesAnswer {
  const details = response['incomplete_details'] as { reason?: string } | null | undefined
  const output = (response['output'] ?? []) as readonly Loose[]
  return {
    items: done.length > 0 ? done : output,
    status: textIn(response['status']),
    reason: details?.reason,
    usage: (response['usage'] ?? null) as Loose | null,
    error: (response['error'] ?? undefined) as Loose | undefined,
  }
}
