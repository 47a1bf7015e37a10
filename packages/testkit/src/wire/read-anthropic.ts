import type { ModelStopReason } from '@harnext/core/provider'
import {
  argsOf,
  countIn,
  listIn,
  objectIn,
  stopReasonOf,
  textIn,
  type Loose,
  type TokenCounts,
  type WireAnswer,
} from './answer.ts'
import { eventsIn, isEventStream } from './body.ts'
import { errorKind } from './read-error.ts'

/** Reads a body of Anthropic's Messages API. */
export function readAnthropic(body: string): WireAnswer {
  if (isEventStream(body)) return readStream(eventsIn(body))
  const message = objectIn(JSON.parse(body))
  const isComplete = Array.isArray(message['content'])
  const blocks = listIn(message['content']).map((block) => ({ block, json: '' }))
  return toAnswer({
    blocks,
    stop: textIn(message['stop_reason']),
    usage: objectIn(message['usage']),
    isComplete,
  })
}

interface Building {
  block: Loose
  json: string
}

interface Read {
  readonly blocks: readonly Building[]
  readonly stop: string
  readonly usage: Loose
  readonly isComplete: boolean
  readonly error?: Loose
}

function readStream(events: readonly Loose[]): WireAnswer {
  const done: Building[] = []
  let open = new Map<unknown, Building>()
  let read: Omit<Read, 'blocks'> = { stop: '', usage: {}, isComplete: false }
  for (const event of events) {
    const index = event['index']
    const delta = objectIn(event['delta'])
    switch (event['type']) {
      case 'message_start':
        // What was under way when a gateway began again is void.
        open = new Map()
        read = { ...read, usage: merged(read.usage, objectIn(event['message'])['usage']) }
        break
      case 'content_block_start':
        open.set(index, { block: objectIn(event['content_block']), json: '' })
        break
      case 'content_block_delta':
        add(open.get(index), delta)
        break
      case 'content_block_stop': {
        const building = open.get(index)
        if (building) done.push(building)
        open.delete(index)
        break
      }
      case 'message_delta':
        read = {
          ...read,
          stop: textIn(delta['stop_reason']),
          usage: merged(read.usage, event['usage']),
        }
        break
      case 'message_stop':
        return toAnswer({ ...read, blocks: [...done, ...open.values()], isComplete: true })
      case 'error':
        return toAnswer({ ...read, blocks: done, error: event })
    }
  }
  return toAnswer({ ...read, blocks: done })
}

/** Counts come in pieces, each the total so far. */
function merged(usage: Loose, more: unknown): Loose {
  const said = Object.entries(objectIn(more)).filter(([, value]) => value !== null)
  return { ...usage, ...Object.fromEntries(said) }
}

function add(building: Building | undefined, delta: Loose): void {
  if (!building) return
  const { block } = building
  building.json += textIn(delta['partial_json'])
  for (const key of ['text', 'thinking'])
    building.block = {
      ...building.block,
      [key]: textIn(building.block[key] ?? block[key]) + textIn(delta[key]),
    }
}

function toAnswer({ blocks, stop, usage, isComplete, error }: Read): WireAnswer {
  const of = (type: string) => blocks.filter(({ block }) => block['type'] === type)
  const calls = of('tool_use').map(({ block, json }) => ({
    tool: textIn(block['name']),
    args: json === '' ? argsOf(JSON.stringify(block['input'] ?? {})) : argsOf(json),
  }))
  return {
    text: of('text')
      .map(({ block }) => textIn(block['text']))
      .join(''),
    thinking: of('thinking')
      .map(({ block }) => textIn(block['thinking']))
      .join(''),
    calls,
    stopReason: stopReasonOf(reasons[stop], { hasCalls: calls.length > 0 }),
    tokens: Object.keys(usage).length > 0 ? tokensIn(usage) : null,
    isComplete,
    ...(error && { error: errorKind(undefined, JSON.stringify(error)) }),
  }
}

/** What a compaction took comes beside the totals. */
function tokensIn(usage: Loose): TokenCounts {
  const compactions = listIn(usage['iterations']).filter(({ type }) => type === 'compaction')
  const sum = (count: (one: Loose) => unknown): number =>
    [usage, ...compactions].reduce((total, one) => total + countIn(count(one)), 0)
  return {
    inputTokens: sum((one) => one['input_tokens']),
    outputTokens: sum((one) => one['output_tokens']),
    cacheReadTokens: sum((one) => one['cache_read_input_tokens']),
    cacheWriteTokens: sum((one) => one['cache_creation_input_tokens']),
    reasoningTokens: sum((one) => objectIn(one['output_tokens_details'])['thinking_tokens']),
  }
}

const reasons: { readonly [word: string]: ModelStopReason } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
  pause_turn: 'pause',
}
