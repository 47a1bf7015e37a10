import type {
  PermissionDecisionEvent,
  PermissionRequestEvent,
  RunEvent,
  ToolResultEvent,
  ToolStartEvent,
} from '../events.ts'
import type { Message, ToolCallPart, ToolMessage } from '../messages.ts'
import type { PermissionRule } from '../permission/permission.ts'
import type { LoggedEvent } from '../session/record.ts'
import type { ProcessIdentity } from '../tool/workspace.ts'
import { addUsage, zeroUsage, type Usage } from '../usage.ts'
import type { ToolStep } from './result.ts'

// What a log folds to. The live loop and a resumed one use the same fold, so that they cannot disagree.

/** Changed by `reduce` alone. */
export interface RunState {
  /** Keeps its identity while the history only grows, so that adapters may cache by it. */
  messages: Message[]
  /** Turns of the whole conversation: with a call's id it makes the idempotency key. */
  turn: number
  /** Of the last run that began. */
  runId: string
  /** It has no `run_end` yet: it is under way, or its process died. */
  open: boolean
  run: RunAccount
  /** Calls whose intent is known and whose outcome is not. */
  readonly intents: Map<string, ToolStartEvent>
  readonly requests: Map<string, PermissionRequestEvent>
  /** Answers, so that nobody is asked twice. */
  readonly decisions: Map<string, PermissionDecisionEvent>
  /** Outcomes that wait for an earlier call of their turn. */
  readonly outcomes: Map<string, Outcome>
  /** Processes of calls whose outcome is not known. */
  readonly processes: Map<string, ProcessIdentity>
  /** What a person has permitted for the rest of the session. */
  readonly grants: PermissionRule[]
  prompt: Extract<RunEvent, { type: 'prompt' }> | null
  readonly children: Map<string, RunState>
}

/** One outcome, as the model and as the person see it. */
export interface Outcome {
  readonly message: ToolMessage
  readonly step: ToolStep
}

/** Since `run_start`, across crashes: a resumed run neither renews an allowance nor has a shorter result. */
export interface RunAccount {
  turns: number
  usage: Usage
  /** Reserved by turns that never told their usage. Counts as spent when the process died in one. */
  reservedUsd: number
  readonly steps: ToolStep[]
  readonly changes: Set<string>
  /** A call may have changed files that nobody saw. */
  unseenChanges: boolean
  /** Where in `messages` the run begins. */
  from: number
}

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
    prompt: null,
    children: new Map(),
  }
}

function newAccount(from: number): RunAccount {
  return {
    turns: 0,
    usage: zeroUsage,
    reservedUsd: 0,
    steps: [],
    changes: new Set(),
    unseenChanges: false,
    from,
  }
}

/**
 * Folds one event into `state`, which is the accumulator of the fold and is changed in place. Depends on nothing but its arguments,
 * and takes constant time. What is not a fact (deltas, progress, warnings) changes nothing.
 */
export function reduce(state: RunState, event: RunEvent | LoggedEvent): void {
  if (event.agentPath?.length) reduceChild(state, event, event.agentPath)
  else reduceOwn(state, event)
}

function reduceOwn(state: RunState, event: RunEvent | LoggedEvent): void {
  switch (event.type) {
    case 'run_start':
      state.run = newAccount(state.messages.length)
      state.runId = event.runId
      state.open = true
      break
    case 'run_resumed':
      state.open = true
      break
    case 'run_end':
      state.open = false
      break
    case 'message':
      reduceMessage(state, event.message)
      break
    case 'turn_start':
      state.turn = event.turn
      state.run.turns += 1
      state.run.reservedUsd += event.reservedUsd ?? 0
      break
    case 'usage':
      state.run.usage = addUsage(state.run.usage, event)
      state.run.reservedUsd = 0
      break
    case 'permission_request':
      state.requests.set(event.id, event)
      break
    case 'permission_decision':
      state.decisions.set(event.id, event)
      state.requests.delete(event.id)
      if (event.remember) state.grants.push(...event.remember)
      break
    case 'tool_start':
      state.intents.set(event.id, event)
      if (event.effects.some(({ kind }) => kind === 'execute' || kind === 'unknown'))
        state.run.unseenChanges = true
      break
    case 'process':
      state.processes.set(event.id, event)
      break
    case 'tool_result':
      reduceResult(state, event)
      break
    case 'prompt':
      state.prompt = event
      break
    case 'compaction':
      // A new array: adapters cache by identity, and this is the one moment when the prefix really changes.
      state.messages = [summaryMessage(event.summary), ...state.messages.slice(event.replaced)]
      state.run.from = Math.max(0, state.run.from - event.replaced + 1)
      break
    case 'text':
    case 'thinking':
    case 'tool_input':
    case 'tool_call':
    case 'tool_progress':
    case 'turn_end':
    case 'error':
    case 'warning':
    case 'retry':
    case 'fallback':
    case 'cache_break':
    case 'budget_warning':
    case 'budget_exceeded':
    case 'subagent_start':
    case 'subagent_end':
      break
  }
}

function reduceMessage(state: RunState, message: Message): void {
  if (message.role === 'assistant') {
    // Vendors may use an id again in a later turn.
    for (const map of [
      state.intents,
      state.requests,
      state.decisions,
      state.outcomes,
      state.processes,
    ])
      map.clear()
  }
  state.messages.push(frozen(message))
}

function reduceResult(state: RunState, event: ToolResultEvent): void {
  const { id, tool, status, content, output, reason, changes, durationMs } = event
  const calls = openCalls(state)
  const call = calls.find((open) => open.id === id)
  if (!call || state.outcomes.has(id)) return
  const args = state.intents.get(id)?.args ?? call.args
  const step = { id, tool, args, status, ...(reason && { reason }), output, durationMs }
  for (const path of changes ?? []) state.run.changes.add(path)
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
  // A run's usage includes its children.
  if (event.type === 'usage') state.run.usage = addUsage(state.run.usage, event)
  let child = state.children.get(id)
  if (!child) state.children.set(id, (child = newState()))
  reduce(child, { ...event, agentPath })
}

function summaryMessage(text: string): Message {
  return frozen({ role: 'user', origin: 'summary', content: [{ type: 'text', text }] })
}

function frozen(message: Message): Message {
  if (Object.isFrozen(message)) return message
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
