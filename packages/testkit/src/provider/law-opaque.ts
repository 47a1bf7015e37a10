import { userMessage, type AssistantPart, type Message, type Opaque } from '@harnext/core/provider'
import { expectThat, type ProviderCheck } from '../check.ts'
import { createVault } from '../wire/vault.ts'
import { collect, foldedMessage } from './collect.ts'
import { moveConversation } from './handover.ts'
import { everything } from './scripts.ts'
import { strictVendor } from './strict-vendor.ts'
import { requestOf, withAdapter, type Subject } from './subject.ts'

/** Law 9: what a vendor gave goes back to it byte by byte, and to nobody else; and the request is one that it takes. */
export function opaqueChecks(subject: Subject): ProviderCheck[] {
  return [
    {
      law: 9,
      name: 'what the vendor gave comes back as it was',
      run: async () => void (await moveConversation([subject, subject])),
    },
    { law: 9, name: 'what another vendor gave does not come', run: () => foreign(subject) },
    { law: 9, name: 'one turn of another vendor among its own', run: () => mixed(subject) },
    ...Object.entries(broken).map(([name, messages]): ProviderCheck => ({
      law: 9,
      name,
      run: () => accepted(subject, messages),
    })),
  ]
}

const SECRET = 'opaque-of-another-vendor'
const opaque: Opaque = {
  by: 'another.api',
  model: 'another',
  data: { signature: SECRET, item: { id: SECRET } },
}

function answered(content: readonly AssistantPart[]): Message {
  const stopReason = content.some(({ type }) => type === 'tool_call') ? 'tool_calls' : 'stop'
  return {
    role: 'assistant',
    content,
    provider: 'another',
    api: 'another.api',
    model: 'another',
    stopReason,
  }
}

const foreignTurn: readonly Message[] = [
  userMessage('Hello'),
  answered([
    { type: 'thinking', text: 'Their thoughts.', opaque },
    { type: 'thinking', text: '', redacted: true, opaque },
    { type: 'text', text: 'Their words.', opaque },
    { type: 'provider', opaque },
    { type: 'tool_call', id: 'theirs:1', tool: 'search', args: { q: 1 }, opaque },
    { type: 'source', url: 'https://127.0.0.1/' },
  ]),
  {
    role: 'tool',
    id: 'theirs:1',
    tool: 'search',
    status: 'ok',
    content: [{ type: 'text', text: 'Found.' }],
  },
]

/** Histories that real conversations have and vendors refuse when they are sent as they are. */
const broken: { readonly [name: string]: readonly Message[] } = {
  'a call without a result': [
    userMessage('Hello'),
    answered([{ type: 'tool_call', id: 'c1', tool: 'search', args: {} }]),
    userMessage('Never mind.'),
  ],
  'a result without a call': [
    userMessage('Hello'),
    { role: 'tool', id: 'c9', tool: 'search', status: 'ok', content: [] },
  ],
  'a call that was cut': [
    userMessage('Hello'),
    answered([{ type: 'tool_call', id: 'c1', tool: 'search', args: '{"q": "ha', invalid: 'cut' }]),
    { role: 'tool', id: 'c1', tool: 'search', status: 'error', content: [] },
  ],
  'empty texts': [
    userMessage('Hello'),
    answered([{ type: 'text', text: '' }]),
    { role: 'user', content: [{ type: 'text', text: ' ' }] },
    userMessage('Go on.'),
  ],
  'half of a character': [
    userMessage('cut \ud83d'),
    answered([{ type: 'text', text: '\udc00' }]),
    userMessage('on'),
  ],
  'thoughts without words': [
    userMessage('Hello'),
    answered([{ type: 'thinking', text: 'Hm.', opaque }]),
    userMessage('And?'),
  ],
  'the same id twice': [1, 2].flatMap((turn) => [
    userMessage(`Turn ${turn}`),
    answered([{ type: 'tool_call', id: 'same', tool: 'search', args: {} }]),
    {
      role: 'tool',
      id: 'same',
      tool: 'search',
      status: 'ok',
      content: [{ type: 'text', text: 'x' }],
    } as const,
  ]),
  'a name of a tool that nobody takes': [
    userMessage('Hello'),
    answered([{ type: 'tool_call', id: 'c1', tool: 'mcp:a.b', args: {} }]),
    {
      role: 'tool',
      id: 'c1',
      tool: 'mcp:a.b',
      status: 'denied',
      content: [{ type: 'text', text: 'no' }],
    },
  ],
}

async function accepted(subject: Subject, messages: readonly Message[]): Promise<void> {
  const vault = createVault('any')
  await withAdapter(subject, strictVendor(subject, vault, [everything]), async (adapter) => {
    const { error } = await collect(adapter, requestOf(subject, { messages }))
    if (error !== undefined) throw error
  })
}

async function foreign(subject: Subject): Promise<void> {
  const vault = createVault('any')
  await withAdapter(
    subject,
    strictVendor(subject, vault, [everything]),
    async (adapter, server) => {
      const { error } = await collect(adapter, requestOf(subject, { messages: foreignTurn }))
      if (error !== undefined) throw error
      const sent = server.calls()[0]?.body ?? ''
      expectThat(!sent.includes(SECRET), 'the request holds opaque data of another vendor')
      expectThat(sent.includes('Their words.'), 'the text of another vendor is not in the request')
    },
  )
}

async function mixed(subject: Subject): Promise<void> {
  const vault = createVault('any')
  await withAdapter(
    subject,
    strictVendor(subject, vault, [everything]),
    async (adapter, server) => {
      const first = await collect(adapter, requestOf(subject, { messages: foreignTurn }))
      const answer = foldedMessage(adapter, subject.model, first)
      const results = answer.content.flatMap((part): Message[] =>
        part.type === 'tool_call'
          ? [
              {
                role: 'tool',
                id: part.id,
                tool: part.tool,
                status: 'ok',
                content: [{ type: 'text', text: 'x' }],
              },
            ]
          : [],
      )
      const messages = [...foreignTurn, answer, ...results]
      const { error } = await collect(adapter, requestOf(subject, { messages }))
      if (error !== undefined) throw error
      expectThat(
        !server.calls().at(-1)?.body.includes(SECRET),
        'the request holds opaque data of another vendor',
      )
    },
  )
}
