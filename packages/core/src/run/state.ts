import type { RunEvent, ToolResultEvent, ToolStartEvent } from '../events.ts'
import type { Message, ToolCallPart } from '../messages.ts'
import type { LoggedEvent } from '../session/record.ts'
import type { Effect } from '../tool/effects.ts'
import { addUsage, zeroUsage } from '../usage.ts'
import type { RunAccount, RunState } from './run-state.ts'

// What a log folds to. The live loop and a resumed one use the same fold, so that they cannot disagree.

export function newState(history: readonly Message[] = []): RunState {
  return {
    messages: history.map(frozen),
    turn: 0,
    runId: '',
    open: false,
    run: newAccount(history.length),
    intents: new Map(),
    requests: new Map(),
    decisions: new Map(),
    outcomes: new Map(),
    processes: new Map(),
    grants: [],
    pruned: new Map(),
    prompt: null,
    children: new Map(),
  }
}

function newAccount(from: number): RunAccount {
  return {
    turns: 0,
    usage: zeroUsage,
    reserved: [],
    unsettled: [],
    startedCalls: 0,
    steps: [],
    changes: new Set(),
    unseenChanges: 0,
    from,
  }
}

/**
 * Folds one event into `state`, which is the accumulator of the fold and is changed in place. Depends on nothing but its arguments,
 * and takes no longer for a longer history. What is not a fact changes nothing.
 */
export function reduce(state: RunState, event: RunEvent | LoggedEvent): void {
  if (event.agentPath?.length) return reduceChild(state, event, event.agentPath)
  const fold = folds[event.type as keyof Folds] as Fold | undefined
  fold?.(state, event)
}

type Fold = (state: RunState, event: RunEvent | LoggedEvent) => void
/** Deltas, and what only tells the reader something. A new type of event has to be put here or be given a fold. */
type NoFact =
  | ('text' | 'thinking' | 'tool_input' | 'tool_call' | 'tool_progress' | 'error')
  | ('warning' | 'retry' | 'fallback' | 'cache_break' | 'budget_warning' | 'budget_exceeded')
type Folds = {
  readonly [Type in Exclude<RunEvent['type'], NoFact>]: (
    state: RunState,
    event: Extract<RunEvent, { readonly type: Type }>,
  ) => void
}

const folds: Folds = {
  run_start(state, { runId, permissionMode }) {
    state.run = newAccount(state.messages.length)
    state.runId = runId
    state.open = true
    if (permissionMode) state.permissionMode = permissionMode
  },
  run_resumed(state, { permissionMode }) {
    state.open = true
    if (permissionMode) state.permissionMode = permissionMode
    closeReservation(state.run)
  },
  run_end: (state) => void (state.open = false),
  message: (state, { message }) => reduceMessage(state, message),
  turn_start(state, event) {
    state.turn = event.turn
    state.run.turns += 1
    state.run.reserved = [event]
  },
  turn_end: ({ run }) => closeReservation(run),
  usage({ run }, event) {
    run.usage = addUsage(run.usage, event)
    run.reserved = []
  },
  permission_request: ({ requests }, event) => void requests.set(event.id, event),
  permission_decision({ decisions, requests, grants, run }, event) {
    if (event.limits) run.limits = { ...run.limits, ...event.limits }
    decisions.set(event.id, event)
    requests.delete(event.id)
    grants.push(...(event.remember ?? []))
  },
  tool_start({ intents, run }, event) {
    intents.set(event.id, event)
    countStart(run, event)
  },
  process({ processes }, event) {
    processes.set(event.id, [...(processes.get(event.id) ?? []), event])
  },
  tool_result: reduceResult,
  prompt: (state, event) => void (state.prompt = event),
  verification: ({ run }, event) => void (run.verification = event),
  compaction(state, { summary, replaced, carried = [], pruned = [] }) {
    // A new array: adapters cache by identity, and this is the one moment when the prefix really changes.
    const messages = [...state.messages]
    for (const { index, handle } of pruned) {
      const message = messages[index]
      if (message?.role !== 'tool') continue
      state.pruned.set(handle, message)
      const content = [{ type: 'text', text: prunedText(handle) }] as const
      messages[index] = frozen({ ...message, content })
    }
    state.messages = messages.slice(replaced)
    if (!replaced) return
    const texts = [`${SUMMARY}${summary}`, ...carried]
    const content = texts.map((text) => ({ type: 'text', text }) as const)
    state.messages.unshift(frozen({ role: 'user', origin: 'summary', content }))
    state.run.from = Math.max(0, state.run.from - replaced + 1)
  },
  subagent_start({ children, turn }, { agent, call, id, task, from = id, history, background }) {
    const known = history ? undefined : children.get(id)
    const child = known ?? newState(history ?? settledMessages(children.get(from)))
    child.run = newAccount(child.messages.length)
    Object.assign(child, { agent, call, open: true, startedIn: turn })
    child.messages.push(frozen({ role: 'user', content: [{ type: 'text', text: task }] }))
    if (background) child.background = true
    children.set(id, child)
  },
  subagent_end({ children, run }, { id, result, kept }) {
    const child = children.get(id)
    if (!child) return
    run.unsettled.push(...child.run.unsettled, ...child.run.reserved)
    Object.assign(child, { open: false, run: newAccount(0), ended: result, kept })
  },
}

/** Without what is being said in a run that has not ended. */
function settledMessages(child?: RunState): readonly Message[] {
  return child ? child.messages.slice(0, child.open ? child.run.from : undefined) : []
}

function mayChange({ kind, part }: Effect): boolean {
  return kind === 'execute' || kind === 'unknown' || (kind === 'write' && part !== undefined)
}

function countStart(run: RunAccount, { effects }: ToolStartEvent): void {
  run.startedCalls += 1
  if (effects.some(mayChange)) run.unseenChanges += 1
}

function addChanges(run: RunAccount, { changes = [], changesComplete }: ToolResultEvent): void {
  for (const path of changes) run.changes.add(path)
  if (changesComplete) run.unseenChanges -= 1
}

function closeReservation(run: RunAccount): void {
  run.unsettled.push(...run.reserved.splice(0))
}

function reduceMessage(state: RunState, message: Message): void {
  if (message.role === 'assistant') {
    const { intents, requests, decisions, outcomes, processes } = state
    // Vendors may use an id again in a later turn.
    for (const map of [intents, requests, decisions, outcomes, processes]) map.clear()
    for (const [id, { ended, kept }] of state.children)
      if (ended && !kept) state.children.delete(id)
  }
  state.messages.push(frozen(message))
}

function reduceResult(state: RunState, event: ToolResultEvent): void {
  const { id, tool, status, content, output, reason, durationMs } = event
  const calls = openCalls(state)
  const call = calls.find((open) => open.id === id)
  if (!call || state.outcomes.has(id)) return
  const args = state.intents.get(id)?.args ?? call.args
  const step = { id, tool, args, status, ...(reason && { reason }), output, durationMs }
  addChanges(state.run, event)
  for (const map of [state.intents, state.requests, state.processes]) map.delete(id)
  state.outcomes.set(id, { message: { role: 'tool', id, tool, status, content }, step })
  // They join in call order, whatever finished first.
  for (const open of calls) {
    const outcome = state.outcomes.get(open.id)
    if (!outcome) break
    state.messages.push(frozen(outcome.message))
    state.run.steps.push(outcome.step)
    state.outcomes.delete(open.id)
  }
}

function reduceChild(
  state: RunState,
  event: RunEvent | LoggedEvent,
  path: readonly string[],
): void {
  const [id = '', ...agentPath] = path
  // A run's account includes its children.
  if (event.type === 'permission_decision' && event.limits)
    state.run.limits = { ...state.run.limits, ...event.limits }
  if (event.type === 'usage') state.run.usage = addUsage(state.run.usage, event)
  if (event.type === 'tool_start') countStart(state.run, event)
  if (event.type === 'tool_result') addChanges(state.run, event)
  const child = state.children.get(id)
  if (child) reduce(child, { ...event, agentPath })
}

/** How a summary begins. */
export const SUMMARY = 'Summary of the conversation so far:\n'
/** What the model sees in the place of a result that was taken out. */
export function prunedText(handle: string): string {
  return `[This result was taken out to save room; read_result gives it back: ${handle}]`
}

function frozen(message: Message): Message {
  for (const part of message.content) Object.freeze(part)
  Object.freeze(message.content)
  return Object.freeze(message)
}

/** The calls of the last assistant message that have no tool message yet. Takes as long as the turn has calls. */
export function openCalls(state: RunState): readonly ToolCallPart[] {
  const { messages } = state
  let answered = 0
  let index = messages.length - 1
  for (; index >= 0 && messages[index]?.role !== 'assistant'; index--)
    if (messages[index]?.role === 'tool') answered += 1
  const last = messages[index]
  if (last?.role !== 'assistant') return []
  const calls = last.content.filter((part) => part.type === 'tool_call')
  return answered ? calls.slice(answered) : calls
}

/** What the loop does next follows from the state alone. */
export type NextStep =
  | { readonly do: 'dispatch'; readonly calls: readonly ToolCallPart[] }
  | { readonly do: 'ask' }
  | { readonly do: 'end'; readonly stopReason: 'complete' | 'length' | 'refused' }

export function nextStep(state: RunState): NextStep {
  const calls = openCalls(state)
  if (calls.length) return { do: 'dispatch', calls }
  const last = state.messages.at(-1)
  if (last?.role !== 'assistant' || last.stopReason === 'pause') return { do: 'ask' }
  if (last.stopReason === 'length' || last.stopReason === 'refused')
    return { do: 'end', stopReason: last.stopReason }
  return { do: 'end', stopReason: 'complete' }
}
