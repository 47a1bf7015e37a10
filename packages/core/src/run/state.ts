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
  readonly processes: Map<string, readonly ProcessIdentity[]>
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
  /** Reserved by the turn that has no usage yet. */
  reservedUsd: number
  /** Reserved by turns that ended, or died, without telling their usage: counts as spent. */
  unsettledUsd: number
  /** Calls that began, with those of children. */
  startedCalls: number
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
    unsettledUsd: 0,
    startedCalls: 0,
    steps: [],
    changes: new Set(),
    unseenChanges: false,
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
  | ('subagent_start' | 'subagent_end')
type Folds = {
  readonly [Type in Exclude<RunEvent['type'], NoFact>]: (
    state: RunState,
    event: Extract<RunEvent, { readonly type: Type }>,
  ) => void
}

const folds: Folds = {
  run_start(state, { runId }) {
    state.run = newAccount(state.messages.length)
    state.runId = runId
    state.open = true
  },
  run_resumed(state) {
    state.open = true
    closeReservation(state.run)
  },
  run_end(state) {
    state.open = false
  },
  message: (state, { message }) => reduceMessage(state, message),
  turn_start(state, { turn, reservedUsd = 0 }) {
    state.turn = turn
    state.run.turns += 1
    state.run.reservedUsd = reservedUsd
  },
  turn_end: ({ run }) => closeReservation(run),
  usage({ run }, event) {
    run.usage = addUsage(run.usage, event)
    run.reservedUsd = 0
  },
  permission_request: ({ requests }, event) => void requests.set(event.id, event),
  permission_decision({ decisions, requests, grants }, event) {
    decisions.set(event.id, event)
    requests.delete(event.id)
    grants.push(...(event.remember ?? []))
  },
  tool_start({ intents, run }, event) {
    intents.set(event.id, event)
    run.startedCalls += 1
    if (event.effects.some(({ kind }) => kind === 'execute' || kind === 'unknown'))
      run.unseenChanges = true
  },
  process({ processes }, event) {
    processes.set(event.id, [...(processes.get(event.id) ?? []), event])
  },
  tool_result: reduceResult,
  prompt(state, event) {
    state.prompt = event
  },
  compaction(state, { summary: text, replaced }) {
    const summary = frozen({ role: 'user', origin: 'summary', content: [{ type: 'text', text }] })
    // A new array: adapters cache by identity, and this is the one moment when the prefix really changes.
    state.messages = [summary, ...state.messages.slice(replaced)]
    state.run.from = Math.max(0, state.run.from - replaced + 1)
  },
}

function closeReservation(run: RunAccount): void {
  run.unsettledUsd += run.reservedUsd
  run.reservedUsd = 0
}

function reduceMessage(state: RunState, message: Message): void {
  if (message.role === 'assistant') {
    const { intents, requests, decisions, outcomes, processes } = state
    // Vendors may use an id again in a later turn.
    for (const map of [intents, requests, decisions, outcomes, processes]) map.clear()
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
  // A run's account includes its children.
  if (event.type === 'usage') state.run.usage = addUsage(state.run.usage, event)
  if (event.type === 'tool_start') state.run.startedCalls += 1
  let child = state.children.get(id)
  if (!child) state.children.set(id, (child = newState()))
  reduce(child, { ...event, agentPath })
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
