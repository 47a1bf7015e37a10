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

/** Reads a body of OpenAI's Responses API. */
export function readResponses(body: string): WireAnswer {
  if (!isEventStream(body)) {
    const response = objectIn(JSON.parse(body))
    const items = listIn(response['output'])
    return toAnswer(response, items.map(saidBy), Array.isArray(response['output']))
  }
  const items = new Map<number, Item>()
  let last: Loose | undefined
  let failure: Loose | undefined
  for (const event of eventsIn(body)) {
    const type = textIn(event['type'])
    if (/^response\.(completed|incomplete|failed|cancelled)$/.test(type))
      last ??= objectIn(event['response'])
    else if (type === 'error') failure ??= event
    else takeEvent(items, type, event)
  }
  const ordered = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
  const whole = listIn(last?.['output']).map(saidBy)
  const answer = toAnswer(
    last ?? {},
    items.size > 0 ? ordered.map(settled) : whole,
    last !== undefined,
  )
  return failure ? { ...answer, error: errorKind(undefined, errorText(failure)) } : answer
}

interface Item {
  readonly streamed: Record<keyof Said, string>
  sections: Set<string>
  done?: Loose
}

interface Said {
  readonly type: string
  readonly tool: string
  readonly text: string
  readonly thinking: string
  readonly args: string
  readonly refusal: string
}

const silent: Said = { type: '', tool: '', text: '', thinking: '', args: '', refusal: '' }

function takeEvent(items: Map<number, Item>, type: string, event: Loose): void {
  const index = countIn(event['output_index'])
  const item: Item = items.get(index) ?? { streamed: { ...silent }, sections: new Set() }
  const delta = textIn(event['delta'])
  if (type === 'response.output_item.added' || type === 'response.output_item.done') {
    const { type: kind, name } = objectIn(event['item'])
    item.streamed.type = textIn(kind)
    item.streamed.tool ||= textIn(name)
    if (type.endsWith('done')) item.done = objectIn(event['item'])
  } else if (type === 'response.output_text.delta') item.streamed.text += delta
  else if (type === 'response.refusal.delta') item.streamed.refusal += delta
  else if (type === 'response.function_call_arguments.delta') item.streamed.args += delta
  else if (/^response\.reasoning_(summary_)?text\.delta$/.test(type)) {
    const section = JSON.stringify(event['summary_index'] ?? event['content_index'] ?? 0)
    const isNext = item.sections.size > 0 && !item.sections.has(section)
    item.sections.add(section)
    item.streamed.thinking += (isNext ? GAP : '') + delta
  } else return
  items.set(index, item)
}

const GAP = '\n\n'

/** What was shown while it came counts; the whole item has the rest. */
function settled({ streamed, done }: Item): Said {
  const whole = saidBy(done ?? {})
  return {
    type: whole.type || streamed.type,
    tool: whole.tool || streamed.tool,
    text: streamed.text || whole.text,
    thinking: streamed.thinking || whole.thinking,
    args: whole.args || streamed.args,
    refusal: streamed.refusal || whole.refusal,
  }
}

function saidBy(item: Loose): Said {
  const type = textIn(item['type'])
  const content = listIn(item['content'])
  const summary = listIn(item['summary'])
  const sections = summary.length > 0 ? summary : content
  const join = (key: string): string => content.map((part) => textIn(part[key])).join('')
  return {
    type,
    tool: textIn(item['name']),
    text: type === 'message' ? join('text') : '',
    refusal: type === 'message' ? join('refusal') : '',
    thinking:
      type === 'reasoning' ? sections.map((section) => textIn(section['text'])).join(GAP) : '',
    args: textIn(item['arguments']),
  }
}

function toAnswer(response: Loose, items: readonly Said[], isComplete: boolean): WireAnswer {
  const calls = items.filter(({ type }) => type === 'function_call')
  const join = (pick: (said: Said) => string): string => items.map(pick).join('')
  const reason =
    textIn(objectIn(response['incomplete_details'])['reason']) || textIn(response['status'])
  const isRefused = items.some(({ refusal }) => refusal !== '')
  const isFailed = Boolean(response['error']) || response['status'] === 'failed'
  return {
    text: join(({ text, refusal }) => text + refusal),
    thinking: join(({ thinking }) => thinking),
    calls: calls.map(({ tool, args }) => ({ tool, args: argsOf(args) })),
    stopReason: stopReasonOf(reasons[reason], { hasCalls: calls.length > 0, isRefused }),
    tokens: response['usage'] ? tokensIn(objectIn(response['usage'])) : null,
    isComplete,
    ...(isFailed && { error: errorKind(undefined, errorText(response)) }),
  }
}

/** An error event holds the error, or is it. */
function errorText({ type: _type, error, ...rest }: Loose): string {
  return JSON.stringify({ error: error ?? rest })
}

function tokensIn(usage: Loose): TokenCounts {
  const details = objectIn(usage['input_tokens_details'])
  const cached = countIn(details['cached_tokens'])
  const written = countIn(details['cache_write_tokens'])
  return {
    inputTokens: countIn(usage['input_tokens']) - cached - written,
    outputTokens: countIn(usage['output_tokens']),
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: countIn(objectIn(usage['output_tokens_details'])['reasoning_tokens']),
  }
}

const reasons: { readonly [word: string]: ModelStopReason } = {
  completed: 'stop',
  max_output_tokens: 'length',
  content_filter: 'refused',
}
