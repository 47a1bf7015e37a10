import { existsSync, readFileSync } from 'node:fs'
import {
  HarnextError,
  loadSession,
  textOf,
  toolCalls,
  type LoadedSession,
  type Message,
  type SessionStore,
} from '@harnext/core'
import { effectsIn } from './task-agent.ts'
import { lastWords, taskCalls } from './task.ts'

/** What a person could see of a session while nobody works on it. */
export interface Observation {
  readonly session: LoadedSession | null
  /** How often each call took effect. */
  readonly effects: ReadonlyMap<string, number>
  /** The last record that was acknowledged. */
  readonly acknowledged: number
}

export async function observe(
  store: SessionStore,
  files: { readonly effects: string; readonly acknowledged: string },
): Promise<Observation> {
  const [newest] = await store.list()
  const effects = new Map<string, number>()
  for (const id of effectsIn(files.effects)) effects.set(id, (effects.get(id) ?? 0) + 1)
  const acknowledged = existsSync(files.acknowledged)
    ? Math.max(0, ...readFileSync(files.acknowledged, 'utf8').split('\n').map(Number))
    : 0
  return { session: newest ? await load(store, newest.id) : null, effects, acknowledged }
}

async function load(store: SessionStore, id: string): Promise<LoadedSession | null> {
  try {
    return await loadSession(store, id)
  } catch (error) {
    if (HarnextError.is(error) && error.code === 'session_not_found') return null
    throw error
  }
}

/** What went wrong between two looks at a session, in sentences; whatever happened to its process meanwhile. */
export function problemsBetween(before: Observation, after: Observation): readonly string[] {
  const records = after.session?.records ?? []
  const known = before.session?.records ?? []
  return [
    ...(after.session?.damaged ? [after.session.damaged.message] : []),
    ...(records.length < after.acknowledged
      ? [`record ${after.acknowledged} was acknowledged, and ${records.length} are left`]
      : []),
    ...known.flatMap((record, index) =>
      JSON.stringify(record) === JSON.stringify(records[index])
        ? []
        : [`record ${record.seq} is not what it was`],
    ),
    ...effectProblems(before, after),
  ]
}

function effectProblems(before: Observation, after: Observation): readonly string[] {
  const settled = outcomesIn(before.session)
  const started = new Set(idsOf(after.session, 'tool_start'))
  const outcomes = outcomesIn(after.session)
  const kinds = new Map(taskCalls().map(({ id, kind }) => [id, kind]))
  const problems: string[] = []
  for (const [id, count] of after.effects) {
    if (settled.has(id) && count !== before.effects.get(id))
      problems.push(`${id} took effect again after its outcome was on record`)
    if (!started.has(id)) problems.push(`${id} took effect without its intent on record`)
    if (count > 1 && kinds.get(id) !== 'look') problems.push(`${id} took effect ${count} times`)
  }
  for (const [id, status] of outcomes)
    if (status === 'ok' && kinds.get(id) !== 'look' && !after.effects.has(id))
      problems.push(`${id} is said to be done and was not`)
  return problems
}

/** What is wrong with a session whose run should be over. */
export function problemsAtEnd({ session }: Observation): readonly string[] {
  if (!session) return ['there is no session']
  const { state, events } = session
  const last = state.messages.at(-1)
  const ends = events.filter(({ type }) => type === 'run_end').length
  const begun = events.filter(({ type }) => type === 'run_start' || type === 'run_resumed').length
  const missing = taskCalls().filter(({ id }) => !outcomesIn(session).has(id))
  return [
    ...(state.open ? ['its run has no end'] : []),
    ...(last?.role === 'assistant' && textOf(last.content) === lastWords
      ? []
      : [`it ends with ${JSON.stringify(last)}`]),
    ...(ends > begun ? [`${begun} beginnings have ${ends} ends`] : []),
    ...(events.at(-1)?.type === 'run_end' ? [] : ['run_end is not last']),
    ...missing.map(({ id }) => `${id} has no outcome`),
    ...unansweredCalls(state.messages),
  ]
}

/** Every call has one result right behind its answer, in call order. */
function unansweredCalls(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message, index) => {
    if (message.role !== 'assistant') return []
    const calls = toolCalls(message)
    const results = messages.slice(index + 1, index + 1 + calls.length)
    return calls.flatMap(({ id }, at) => {
      const result = results[at]
      return result?.role === 'tool' && result.id === id ? [] : [`the call ${id} has no result`]
    })
  })
}

function outcomesIn(session: LoadedSession | null): ReadonlyMap<string, string> {
  return new Map(
    (session?.events ?? []).flatMap((event) =>
      event.type === 'tool_result' ? [[event.id, event.status] as const] : [],
    ),
  )
}

function idsOf(session: LoadedSession | null, type: 'tool_start'): readonly string[] {
  return (session?.events ?? []).flatMap((event) => (event.type === type ? [event.id] : []))
}
