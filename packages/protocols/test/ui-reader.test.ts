import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toWireName, type RunEvent, type RunResult, type ToolStep } from '@harnext/core'
import { call } from '@harnext/core/testing'
import {
  convertToModelMessages,
  DefaultChatTransport,
  getToolName,
  isToolUIPart,
  readUIMessageStream,
  safeValidateUIMessages,
  UI_MESSAGE_STREAM_HEADERS,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import { expect, test } from 'vitest'
import { project } from '../src/index.ts'
import {
  createUiMessageStreamProjector,
  toServerSentEvent,
  uiMessageStreamDone,
  uiMessageStreamHeaders,
  type UiDataTypes,
  type UiMessageChunk,
  type UiMessageMetadata,
} from '../src/ui-message-stream.ts'
import { agentOf, stub } from './record.ts'
import { scenarios } from './scenarios.ts'

// The AI SDK's own reader is the judge of a UI message stream.

type Message = UIMessage<UiMessageMetadata, UiDataTypes>

/** Fails to compile when a chunk is none that the AI SDK knows. */
const asChunk = (chunk: UiMessageChunk): UIMessageChunk<UiMessageMetadata, UiDataTypes> => chunk

interface Read {
  readonly message: Message
  readonly errors: readonly string[]
}

/** Through the transport of `useChat`, which parses the bytes and checks every chunk against its schema. */
async function readFrom(fetch: typeof globalThis.fetch, api = 'http://localhost/'): Promise<Read> {
  const stream = await new DefaultChatTransport<Message>({ api, fetch }).sendMessages({
    chatId: 'chat',
    messageId: undefined,
    trigger: 'submit-message',
    messages: [],
    abortSignal: undefined,
  })
  const errors: string[] = []
  let message: Message | undefined
  for await (const snapshot of readUIMessageStream<Message>({
    stream,
    onError: (error) => errors.push(error instanceof Error ? error.message : String(error)),
  }))
    message = snapshot
  if (!message) throw new Error('The reader gave no message.')
  return { message, errors }
}

function readEvents(events: readonly RunEvent[]): Promise<Read> {
  const projector = createUiMessageStreamProjector()
  const chunks = [...events.flatMap(projector.push), ...projector.end()].map(asChunk)
  const body = chunks.map((chunk) => toServerSentEvent(chunk as UiMessageChunk)).join('')
  return readFrom(() =>
    Promise.resolve(new Response(body + uiMessageStreamDone, { headers: uiMessageStreamHeaders })),
  )
}

test.each(Object.keys(scenarios))('the reader rebuilds the message: %s', async (name) => {
  const events = (await scenarios[name]?.()) ?? []
  const { message, errors } = await readEvents(events)
  const result = resultOf(events)

  expect(message.id).toBe('run_1')
  expect(message.metadata?.stopReason).toBe(result.stopReason)
  expect(message.metadata?.usage).toEqual(result.usage)
  expect(errors).toEqual(result.stopReason === 'error' ? [result.error?.message] : [])

  const said = message.parts.filter((part) => part.type === 'text' || part.type === 'reasoning')
  expect(said.map(({ state }) => state)).toEqual(said.map(() => 'done'))
  expect(textOf(message, 'text')).toBe(spoken(events, 'text'))
  expect(textOf(message, 'reasoning')).toBe(spoken(events, 'thinking'))

  const calls = message.parts.filter((part) => isToolUIPart(part))
  for (const step of result.steps) {
    const part = calls.find(({ toolCallId }) => toolCallId === step.id)
    expect({ id: step.id, tool: part && getToolName(part), ...outcomeOf(part, step) }).toEqual({
      id: step.id,
      tool: toWireName(step.tool),
      ...expectedOutcome(step, part?.approval?.approved === false),
    })
  }
  for (const { id } of result.pending ?? []) {
    const part = calls.find(({ toolCallId }) => toolCallId === id)
    expect(part?.state).toBe('approval-requested')
  }
  expect(calls.filter(({ state }) => state === 'input-streaming')).toEqual([])
})

test.each(Object.keys(scenarios))('the message can be stored and sent back: %s', async (name) => {
  const { message } = await readEvents((await scenarios[name]?.()) ?? [])
  // The AI SDK takes no empty message, and such a run said nothing.
  if (message.parts.every(({ type }) => type === 'step-start' || type === 'data-budget')) return
  const stored: unknown = JSON.parse(JSON.stringify([message]))
  const validated = await safeValidateUIMessages({ messages: stored })
  expect(validated).toMatchObject({ success: true })
  const messages = await convertToModelMessages<Message>([message])
  const ids = messages.flatMap(({ role, content }) =>
    role === 'assistant' && typeof content !== 'string'
      ? content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []))
      : [],
  )
  expect(ids.length).toBe(message.parts.filter((part) => isToolUIPart(part)).length)
})

test('a live run through a real server', async () => {
  const agent = agentOf(
    [[{ type: 'text', text: 'Let me add. ' }, call('1', 'add', { a: 2, b: 3 })], 'It is 5.'],
    { tools: [stub('add', ({ a, b }) => Number(a) + Number(b))] },
  )
  const server = createServer((_request, response) => {
    void (async () => {
      response.writeHead(200, uiMessageStreamHeaders)
      const run = agent.run([], 'What is 2 + 3?')
      for await (const chunk of project(run, createUiMessageStreamProjector({ messageId: 'm1' })))
        response.write(toServerSentEvent(chunk))
      response.end(uiMessageStreamDone)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const { message, errors } = await readFrom(fetch, `http://127.0.0.1:${port}/`)
    expect(errors).toEqual([])
    expect(message.id).toBe('m1')
    expect(textOf(message, 'text')).toBe('Let me add. It is 5.')
    expect(message.parts.find((part) => isToolUIPart(part))).toMatchObject({
      type: 'tool-add',
      state: 'output-available',
      input: { a: 2, b: 3 },
      output: '5',
    })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('the headers are those of the AI SDK', () => {
  expect(uiMessageStreamHeaders).toEqual(UI_MESSAGE_STREAM_HEADERS)
})

test('a page may be kept from reading errors', async () => {
  const events = (await scenarios['an error in mid-answer']?.()) ?? []
  const projector = createUiMessageStreamProjector({ errorText: ({ code }) => code })
  expect(events.flatMap(projector.push)).toContainEqual({
    type: 'error',
    errorText: 'provider_stream_truncated',
  })
})

test('a stream that is cut leaves nothing open', async () => {
  for (const scenario of Object.values(scenarios)) {
    const events = await scenario()
    for (let length = 1; length < events.length; length++) {
      const { message, errors } = await readEvents(events.slice(0, length))
      const said = message.parts.filter((part) => part.type === 'text')
      expect(said.filter(({ state }) => state !== 'done')).toEqual([])
      expect(resultOf(events).error?.message.startsWith(errors.join('')) ?? !errors.length).toBe(
        true,
      )
    }
  }
})

function resultOf(events: readonly RunEvent[]): RunResult<unknown> {
  const last = events.at(-1)
  if (last?.type !== 'run_end') throw new Error('The run has no end.')
  return last.result
}

function textOf({ parts }: Message, type: 'text' | 'reasoning'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** What was said, without what was taken back. */
function spoken(events: readonly RunEvent[], kind: 'text' | 'thinking'): string {
  const own = events.filter(({ agentPath }) => !agentPath?.length)
  const from = own.findLastIndex(({ type }) => type === 'fallback')
  return own.map((event, index) => (event.type === kind && index > from ? event.text : '')).join('')
}

type ToolPart = Extract<Message['parts'][number], { readonly toolCallId: string }>

function outcomeOf(part: ToolPart | undefined, { output }: ToolStep): object {
  if (!part) return {}
  if (part.state === 'output-available') return { state: part.state, output: part.output }
  if (part.state === 'output-error') return { state: part.state, text: part.errorText }
  // What the model is told may say more than the reason.
  const reason = part.approval?.reason
  return { state: part.state, text: reason && output.endsWith(reason) ? output : reason }
}

function expectedOutcome({ status, output, tool }: ToolStep, denied: boolean): object {
  if (status === 'ok')
    return { state: 'output-available', output: tool === 'shot' ? expect.any(Array) : output }
  if (status === 'denied' || denied) return { state: 'output-denied', text: output }
  return { state: 'output-error', text: output }
}
