import type { Block } from './shared.ts'

// A second reader of the vendor's answers, written for the tests alone: it takes the body as one text and builds the vendor's own
// message from it, so that the adapter's reading is compared with something that is not the adapter.

export interface WireAnswer {
  readonly blocks: readonly Block[]
  readonly stopReason: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly isComplete: boolean
  readonly error: string | null
}

interface Building {
  block: Record<string, unknown>
  json: string
}

export function readWire(body: string, isStream: boolean): WireAnswer {
  if (!isStream) {
    const message = JSON.parse(body)
    return {
      blocks: message.content,
      stopReason: message.stop_reason,
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
      isComplete: true,
      error: null,
    }
  }
  const done: Block[] = []
  let open = new Map<number, Building>()
  let stopReason: string | null = null
  let usage: Record<string, number> = {}
  let isComplete = false
  let error: string | null = null
  const close = (index: number): void => {
    const building = open.get(index)
    open.delete(index)
    if (building) done.push(built(building))
  }
  for (const event of eventsOf(body)) {
    switch (event.type) {
      case 'message_start':
        open = new Map()
        usage = { ...usage, ...event.message.usage }
        break
      case 'content_block_start':
        open.set(event.index, { block: { ...event.content_block }, json: '' })
        break
      case 'content_block_delta':
        put(open.get(event.index), event.delta)
        break
      case 'content_block_stop':
        close(event.index)
        break
      case 'message_delta':
        stopReason = event.delta['stop_reason'] ?? null
        for (const [key, value] of Object.entries(event.usage ?? {}))
          if (value !== null) usage[key] = value
        break
      case 'message_stop':
        isComplete = true
        break
      case 'error':
        error = event.error.type
        break
    }
  }
  for (const building of open.values()) done.push(built(building))
  const compactions = (usage['iterations'] as unknown as Record<string, never>[] | undefined) ?? []
  const extra = (key: string): number =>
    compactions
      .filter(({ type }) => type === 'compaction')
      .reduce((sum, one) => sum + (one[key] ?? 0), 0)
  return {
    blocks: done,
    stopReason,
    inputTokens: (usage['input_tokens'] ?? 0) + extra('input_tokens'),
    outputTokens: (usage['output_tokens'] ?? 0) + extra('output_tokens'),
    isComplete,
    error,
  }
}

/** As loose as the wire is; what is read of it is compared in the tests. */
interface LooseEvent {
  readonly type: string
  readonly index: number
  readonly message: { readonly usage: Record<string, number> }
  readonly content_block: Record<string, unknown>
  readonly delta: Record<string, string>
  readonly usage?: Record<string, number | null>
  readonly error: { readonly type: string }
}

function* eventsOf(body: string): Generator<LooseEvent> {
  for (const block of body.replaceAll('\r\n', '\n').split('\n\n').slice(0, -1)) {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5))
    if (data.length > 0) yield JSON.parse(data.join('\n')) as LooseEvent
  }
}

function put(building: Building | undefined, delta: Record<string, string>): void {
  if (!building) return
  const { block } = building
  if (delta['type'] === 'input_json_delta') building.json += delta['partial_json']
  else if (delta['type'] === 'citations_delta')
    block['citations'] = [
      ...((block['citations'] as unknown[] | undefined) ?? []),
      delta['citation'],
    ]
  else
    for (const [key, value] of Object.entries(delta))
      if (key !== 'type') block[key] = (typeof block[key] === 'string' ? block[key] : '') + value
}

function built({ block, json }: Building): Block {
  const type = String(block['type'])
  if (json === '') return { ...block, type }
  try {
    return { ...block, type, input: JSON.parse(json) }
  } catch {
    return { ...block, type, input: json }
  }
}
