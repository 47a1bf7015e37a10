import {
  isJsonObject,
  newState,
  reduce,
  userMessage,
  type Json,
  type LoadedSession,
  type ModelRequest,
} from '@harnext/core'
import { expectThat } from './check.ts'
import { collect } from './provider/collect.ts'
import type { AdapterFactory } from './provider/factory.ts'
import { answerOf, subjectOf, withAdapter } from './provider/subject.ts'
import type { WireFormat } from './wire/formats.ts'
import { createVault } from './wire/vault.ts'

/**
 * Sends the requests of a recorded session again, by one adapter to a server of the kit, and compares what was sent: the messages of one
 * request, without closing brackets and `cache_control`, are the beginning of those of the next one, and all in front of them is the same.
 * Only where the log says so, by a compaction or another prompt, may they differ. Throws `CheckFailed`, also for a session with fewer than
 * two requests. Resolves to the number of requests.
 */
export async function expectStablePrefix(
  session: Pick<LoadedSession, 'events'>,
  factory: AdapterFactory,
  options: { readonly format?: WireFormat; readonly model?: string } = {},
): Promise<number> {
  const subject = subjectOf(factory, options)
  const vault = createVault(subject.api)
  const respond = () => answerOf(subject, subject.format.write({ text: 'ok' }, vault))
  return withAdapter(subject, respond, async (adapter, server) => {
    let before: (Sent & { readonly system: string | undefined }) | undefined
    let count = 0
    for (const { request, isShortened, isReworded } of requestsOf(session, subject.model)) {
      const { error } = await collect(adapter, request)
      if (error !== undefined) throw error
      const body = server.calls().at(-1)?.body ?? ''
      const sent = sentIn(body)
      count += 1
      if (before && !isShortened && before.system === request.system)
        expectThat(
          sent.messages.startsWith(before.messages.replace(/[\]}]+$/, '')),
          `request ${count} does not begin as the one before it: ${difference(before.messages, sent.messages)}`,
        )
      if (before && !isReworded)
        expectThat(
          sent.rest === before.rest,
          `request ${count} differs from the one before it outside of its messages: ${difference(before.rest, sent.rest)}`,
        )
      before = { ...sent, system: request.system }
    }
    expectThat(count > 1, `two requests can be compared; the session has ${count}`)
    return count
  })
}

interface SentRequest {
  readonly request: ModelRequest
  /** A compaction stands before it. */
  readonly isShortened: boolean
  /** Its system prompt or its tools are others than before. */
  readonly isReworded: boolean
}

/** What the model was sent, turn by turn; `messages` keeps its identity as in the run. */
function* requestsOf(
  { events }: Pick<LoadedSession, 'events'>,
  model: string,
): Generator<SentRequest> {
  const state = newState()
  let isShortened = false
  let isReworded = false
  for (const event of events) {
    reduce(state, event)
    if (event.agentPath?.length) continue
    if (event.type === 'compaction') isShortened = true
    if (event.type === 'prompt') isReworded = true
    if (event.type !== 'turn_start') continue
    const { messages, prompt } = state
    const { system, tools = [] } = prompt ?? {}
    const request = {
      model,
      messages: messages.length ? messages : [userMessage('')],
      ...(system !== undefined && { system }),
      ...(tools.length && { tools }),
      cacheKey: 'session',
    }
    yield { request, isShortened, isReworded }
    isShortened = false
    isReworded = false
  }
}

interface Sent {
  readonly messages: string
  readonly rest: string
}

/** How the APIs call the messages. */
const NAMES = ['messages', 'input', 'contents']

/** Chat APIs put the system prompt in front of the messages: there it is one of them. */
function sentIn(body: string): Sent {
  const parsed = JSON.parse(body, (key, value: unknown) =>
    key === 'cache_control' ? undefined : value,
  ) as Json
  const sent = isJsonObject(parsed) ? parsed : {}
  const name = NAMES.find((each) => Array.isArray(sent[each])) ?? ''
  const { [name]: messages = [], ...rest } = sent
  return { messages: JSON.stringify(messages), rest: JSON.stringify(rest) }
}

const SHOWN = 60

function difference(before: string, now: string): string {
  let at = 0
  while (at < before.length && before[at] === now[at]) at += 1
  const part = (text: string): string => JSON.stringify(text.slice(at, at + SHOWN))
  return `${part(before)} became ${part(now)}`
}
