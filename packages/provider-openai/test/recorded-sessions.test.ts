import type { Message, ModelRequest, ProviderAdapter, ToolPart } from '@harnext/core/provider'
import type { FixtureServer } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { openai, openaiChat, openaiCompatible, openrouter } from '../src/index.ts'
import { collect, request, toMessage, user } from './collect.ts'
import { serve } from './loopback.ts'
import { keptHeaders, recordings, textIn, type Loose, type Recorded } from './shared.ts'

// What a server answered goes back to it as a correct client sent it back: the answer of step n is read, and what the adapter sends
// after it is compared with the recorded request of step n+1.

type Session = readonly [name: string, steps: readonly Recorded[]]

/** Sessions whose steps go on from each other; some only repeat a request, and some let the vendor remember. */
function sessions(api: 'chat' | 'responses'): Session[] {
  const groups = Map.groupBy(recordings(api), ({ session }) => session.id)
  return [...groups.values()]
    .map((steps) => steps.toSorted((a, b) => a.session.step - b.session.step))
    .filter(
      (steps) => steps.length > 1 && steps.every((_, at) => at === 0 || isContinued(steps, at)),
    )
    .map((steps) => [steps[0]?.name ?? '', steps])
}

function isContinued(steps: readonly Recorded[], at: number): boolean {
  const before = itemsOf(steps[at - 1])
  const [first] = itemsOf(steps[at]).slice(before.length)
  if (first?.['role'] !== 'assistant') return first !== undefined && first['role'] === undefined
  // This client writes what was thought into the text.
  return !textIn(first['content']).startsWith('<think>')
}

const itemsOf = (step: Recorded | undefined): readonly Loose[] => {
  const { messages, input } = step?.request?.body ?? {}
  return messages ?? (Array.isArray(input) ? input : [])
}

const all = [...sessions('chat'), ...sessions('responses')]

describe.skipIf(all.length === 0)('recorded sessions', () => {
  it('are there', () => {
    expect(sessions('chat').length).toBeGreaterThanOrEqual(3)
    expect(sessions('responses').length).toBeGreaterThanOrEqual(6)
  })

  it.each(all)('%s', async (_name, steps) => {
    for (const [at, step] of steps.slice(0, -1).entries()) {
      const { sent, added } = await goOn(step, steps[at + 1] as Recorded)
      const isComparable = added.some(hasMedia) ? isOfTheModel : isKept
      expect(sent.filter(isComparable).map(known)).toEqual(added.filter(isComparable).map(known))
      expect(sent.filter(isComparable).length).toBeGreaterThan(0)
    }
  })
})

/** What the adapter sends after the answer of a step, and what the recorded client sent. */
async function goOn(step: Recorded, next: Recorded) {
  const server = await serve({
    headers: keptHeaders(step),
    body: step.response.body,
  })
  const adapter = adapterOf(step, server)
  const given = request({ model: step.model })
  const answer = toMessage(await collect(adapter, given), adapter, step.model)
  const added = itemsOf(next).slice(itemsOf(step).length)
  const messages = [user('q'), answer, ...added.flatMap(toFollower)]
  return { sent: (await sentBy(adapter, server, { ...given, messages })).slice(1), added }
}

function adapterOf({ api, vendor }: Recorded, { url }: FixtureServer): ProviderAdapter {
  const options = { apiKey: 'key', baseURL: url }
  if (api === 'responses') return openai(options)
  if (vendor === 'openai') return openaiChat(options)
  if (vendor === 'openrouter') return openrouter(options)
  return openaiCompatible({ ...options, id: vendor, flags: { replayThinking: true } })
}

async function sentBy(adapter: ProviderAdapter, server: FixtureServer, given: ModelRequest) {
  await collect(adapter, given)
  const { messages, input } = JSON.parse(server.requests.at(-1)?.body ?? '')
  return (messages ?? input) as Loose[]
}

/** The user's side of a recorded request as messages of ours. */
function toFollower(item: Loose): Message[] {
  const { role, type } = item
  if (role === 'tool' || type === 'function_call_output') {
    const id = textIn(item['tool_call_id'] ?? item['call_id'])
    const content = toParts(item['content'] ?? item['output'])
    return [{ role: 'tool', id, tool: 't', status: 'ok', content }]
  }
  return role === 'user' ? [{ role: 'user', content: toParts(item['content']) }] : []
}

function toParts(content: unknown): ToolPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return (content as Loose[]).map((part): ToolPart => {
    if (textIn(part['type']).endsWith('text')) return { type: 'text', text: textIn(part['text']) }
    const url = textIn((part['image_url'] as Loose | undefined)?.['url'] ?? part['file_data'])
    const [, mediaType = '', data = ''] = /^data:(.*?);base64,(.*)$/s.exec(url) ?? []
    return /image/.test(mediaType)
      ? { type: 'image', mediaType, data }
      : { type: 'file', mediaType, data }
  })
}

/** This client wrote the vendor's search for tools in words of its own. */
const isKept = ({ type }: Loose): boolean => !textIn(type).startsWith('tool_search')

/** What is not text stands elsewhere, or cannot be said by a neutral message. */
const hasMedia = (item: Loose): boolean => /"(image_url|file_url)"/.test(JSON.stringify(item))
const isOfTheModel = ({ role, type }: Loose): boolean =>
  role === 'assistant' || type === 'reasoning' || type === 'function_call'

/** What clients say in several ways, in one; without what the vendor does not need back. */
function known(item: Loose): Loose {
  const fields = Object.entries(item)
    .map(([key, value]) => [key, plain(key, value)] as const)
    .filter(([key, value]) => !unneeded.has(key) && !isEmpty(value))
  const { type, reasoning_content: twice, ...others }: Loose = Object.fromEntries(fields)
  // One client says what was thought under both names.
  const isTwice = twice === undefined || twice === others['reasoning']
  const rest = { ...others, ...(!isTwice && { reasoning_content: twice }) }
  return type === 'message' ? rest : { ...(type !== undefined && { type }), ...rest }
}

const unneeded: ReadonlySet<string> = new Set(['id', 'status', 'phase'])

const isEmpty = (value: unknown): boolean => ['null', '""', '[]'].includes(JSON.stringify(value))

function plain(key: string, value: unknown): unknown {
  if (key === 'arguments' && typeof value === 'string') return JSON.parse(value)
  if (key === 'tool_calls')
    return (value as Loose[]).map(({ id, function: call }) => [id, known(call as Loose)])
  if (key === 'action') return { ...(value as Loose), sources: undefined }
  if (key !== 'content' || !Array.isArray(value)) return value
  const parts = (value as Loose[]).map(({ annotations: _a, logprobs: _l, ...part }) => part)
  return parts.length === 1 && parts[0]?.['type'] === 'input_text' ? parts[0]['text'] : parts
}
