import {
  messageOf,
  userMessage,
  type AssistantMessage,
  type Message,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { fail } from '../check.ts'
import type { WireFormat } from '../wire/formats.ts'
import type { WireScript } from '../wire/script.ts'
import { createVault, type Vault } from '../wire/vault.ts'
import { collect, foldedMessage } from './collect.ts'
import type { AdapterFactory } from './factory.ts'
import { strictVendor } from './strict-vendor.ts'
import { requestOf, subjectOf, withAdapter, type Subject } from './subject.ts'

/**
 * Takes one conversation from vendor to vendor. At each stop the model thinks, says something, calls two tools, gets a text and an
 * image as results, thinks and answers; each vendor sees all that went before and finds fault with what the real one would not take.
 * A vendor that is visited again knows its signatures. Gives the whole conversation; rejects with `CheckFailed` where a vendor
 * refused a request.
 */
export async function moveConversation(
  stops: readonly HandoverStop[],
): Promise<readonly Message[]> {
  const vaults = new Map<string, Vault>()
  let history: readonly Message[] = []
  for (const [index, { factory, ...options }] of stops.entries()) {
    const subject = subjectOf(factory, options)
    const vault = vaults.get(subject.api) ?? createVault(subject.api)
    vaults.set(subject.api, vault)
    history = await withAdapter(
      subject,
      strictVendor(subject, vault, scriptsOf(index)),
      (adapter) => visit(subject, adapter, history, index),
    )
  }
  return history
}

/** A vendor on the way of a conversation. */
export interface HandoverStop {
  readonly factory: AdapterFactory
  /** @default the kit's own format of the adapter's `api` */
  readonly format?: WireFormat
  /** @default the format's */
  readonly model?: string
}

/** Ids as some vendors make them: too long for others, or with characters that others refuse. */
function scriptsOf(stop: number): WireScript[] {
  const long = `call_${stop}_${'x'.repeat(60)}`
  return [
    {
      thinking: `Thinking at stop ${stop}. 🤔`,
      text: 'I look it up.',
      calls: [
        { id: `call_${stop}|fc.1`, tool: 'get_weather', args: { q: `place ${stop}` } },
        { id: long.slice(0, 64), tool: 'search', args: { q: `words ${stop}` } },
      ],
    },
    { thinking: `Thinking again at stop ${stop}.`, text: `It is sunny at stop ${stop}.` },
  ]
}

async function visit(
  subject: Subject,
  adapter: ProviderAdapter,
  before: readonly Message[],
  stop: number,
): Promise<readonly Message[]> {
  const image = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const
  const text = { type: 'text', text: `Question ${stop} \ud83d` } as const
  const asked: Message = { role: 'user', content: [text, image] }
  const first = await ask(subject, adapter, [...before, asked], stop)
  const results = first.content.flatMap((part): Message[] => {
    if (part.type !== 'tool_call') return []
    const { id, tool } = part
    const isLast = tool === 'search'
    return [
      {
        role: 'tool',
        id,
        tool,
        status: isLast ? 'ok' : 'error',
        content: [{ type: 'text', text: isLast ? 'A picture:' : 'no such place' }, image],
      },
    ]
  })
  const asking = [...before, asked, first, ...results]
  return [...asking, await ask(subject, adapter, asking, stop), userMessage('Thank you.')]
}

async function ask(
  subject: Subject,
  adapter: ProviderAdapter,
  messages: readonly Message[],
  stop: number,
): Promise<AssistantMessage> {
  const collected = await collect(adapter, requestOf(subject, { messages }))
  const { error } = collected
  if (error !== undefined) fail(`stop ${stop + 1}, ${adapter.api}: ${messageOf(error)}`)
  return foldedMessage(adapter, subject.model, collected)
}
