import {
  memoryStore,
  textOf,
  type AgentDefinition,
  type AgentOptions,
  type ModelRequest,
  type SessionStore,
} from '../../src/index.ts'
import { call, type ScriptedAnswer } from '../../src/testing.ts'
import { agentOf } from '../run/helpers.ts'

const helper: AgentDefinition = { name: 'helper', description: 'Helps.' }

/** Has a helper work in the background. */
export function ask(id: string, prompt: string): ReturnType<typeof call> {
  return call(id, 'task', { agent: 'helper', prompt, background: true })
}

/** An agent, and its helpers, of which each answers what was said to it last. */
export function talking(
  answer: (said: string, request: ModelRequest) => ScriptedAnswer | Promise<ScriptedAnswer>,
  options: Partial<AgentOptions> = {},
): ReturnType<typeof agentOf> {
  const step = (request: ModelRequest): ScriptedAnswer | Promise<ScriptedAnswer> =>
    answer(textOf(request.messages.at(-1)?.content ?? []), request)
  return agentOf(
    Array.from({ length: 100 }, () => step),
    { agents: [helper], maxRetries: 0, ...options },
  )
}

type Stored = Awaited<ReturnType<SessionStore['read']>>

/** A store that has of a session what was on record when its process died. */
export async function storeCut({ header, records }: Stored, length: number): Promise<SessionStore> {
  const store = memoryStore()
  await store.create(header)
  const lease = await store.lease(header.id, 'test')
  const cut = records.slice(0, length)
  await store.append(header.id, cut, { expectedSeq: 0, fence: lease.fence, barrier: true })
  await lease.release()
  return store
}
