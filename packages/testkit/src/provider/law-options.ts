import { userMessage, type Effort, type Message, type ModelRequest } from '@harnext/core/provider'
import { expectEqual, expectThat, type ProviderCheck } from '../check.ts'
import { collect } from './collect.ts'
import { plainText } from './scripts.ts'
import { answerOf, bodyOf, eventsOf, requestOf, withAdapter, type Subject } from './subject.ts'

/** Law 4: what a request asks for is sent, or there is a warning about it. Never silence. */
export function optionChecks(subject: Subject): ProviderCheck[] {
  return [
    ...Object.entries(options).map(([name, more]) => heard(subject, name, more)),
    {
      law: 4,
      name: 'params go into the body as they are',
      async run() {
        const params = { testkit_field: { deep: [1, 'two', null] } }
        const { body } = await send(subject, { params })
        expectEqual('testkit_field', params.testkit_field, body['testkit_field'])
      },
    },
  ]
}

const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const image = { type: 'image', mediaType: 'image/png', data: PICTURE } as const
const pdf = {
  type: 'file',
  mediaType: 'application/pdf',
  name: 'a.pdf',
  data: 'JVBERi0xLjQK',
} as const
const efforts: readonly Effort[] = ['off', 'minimal', 'low', 'medium', 'high', 'max']

const options: { readonly [name: string]: Partial<ModelRequest> } = {
  'toolChoice none': { toolChoice: 'none' },
  'toolChoice required': { toolChoice: 'required' },
  'toolChoice of one tool': { toolChoice: { tool: 'search' } },
  ...Object.fromEntries(efforts.map((effort) => [`effort ${effort}`, { effort }])),
  maxOutputTokens: { maxOutputTokens: 1234 },
  system: { system: 'Be brief.' },
  'an output schema': {
    output: { schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
  },
  'an image of the user': { messages: saying(image) },
  'an image by its address': {
    messages: saying({ type: 'image', url: 'https://127.0.0.1/a.png' }),
  },
  'a file of the user': { messages: saying(pdf) },
  'an image in a result': { messages: resulting(image) },
  'a file in a result': { messages: resulting(pdf) },
}

type Part = (Message & { role: 'user' })['content'][number]

function saying(part: Part): Message[] {
  return [{ role: 'user', content: [{ type: 'text', text: 'Hello' }, part] }]
}

function resulting(part: Part): Message[] {
  return [
    userMessage('Hello'),
    {
      role: 'assistant',
      content: [{ type: 'tool_call', id: 'call_1', tool: 'search', args: {} }],
      provider: 'another',
      api: 'another.api',
      model: 'another',
      stopReason: 'tool_calls',
    },
    {
      role: 'tool',
      id: 'call_1',
      tool: 'search',
      status: 'ok',
      content: [{ type: 'text', text: 'Here it is.' }, part],
    },
  ]
}

/** The request without the option, so that what the option changed can be told. */
function without(more: Partial<ModelRequest>): Partial<ModelRequest> {
  // Some models do not think unless they are told to.
  if (more.effort === 'off') return { effort: 'high' }
  if (!more.messages) return {}
  return { messages: more.messages.map((message) => withoutMedia(message)) }
}

function withoutMedia(message: Message): Message {
  if (message.role === 'assistant') return message
  return { ...message, content: message.content.filter(({ type }) => type === 'text') }
}

function heard(subject: Subject, name: string, more: Partial<ModelRequest>): ProviderCheck {
  return {
    law: 4,
    name,
    async run() {
      const plain = await send(subject, without(more))
      const asked = await send(subject, more)
      const isSent = JSON.stringify(plain.body) !== JSON.stringify(asked.body)
      const data = dataIn(more)
      const expected = more.effort === 'off' ? 0 : plain.warnings.length
      const isWhole = data === undefined || asked.text.includes(data)
      expectThat(
        (isSent && isWhole) || asked.warnings.length > expected,
        'it changed nothing in the request, and there is no warning',
      )
    },
  }
}

/** What of an attachment has to be in the request. */
function dataIn({ messages = [] }: Partial<ModelRequest>): string | undefined {
  const part = messages
    .flatMap(({ content }) => [...content])
    .find((one) => one.type !== 'text' && one.type !== 'tool_call')
  if (part?.type === 'image') return 'url' in part ? part.url : part.data
  return part?.type === 'file' ? part.data : undefined
}

async function send(subject: Subject, more: Partial<ModelRequest>) {
  return withAdapter(
    subject,
    () => answerOf(subject, eventsOf(subject, plainText)),
    async (adapter, server) => {
      const { events, error } = await collect(adapter, requestOf(subject, more))
      if (error !== undefined) throw error
      const [call] = server.calls()
      const warnings = events.filter(({ type }) => type === 'warning')
      return { body: bodyOf(call), text: call?.body ?? '', warnings }
    },
  )
}
