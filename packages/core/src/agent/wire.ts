import { onAbort } from '../abort.ts'
import { withDeadline } from '../budget/deadline.ts'
import { createLedger, type CallEstimate } from '../budget/ledger.ts'
import { answeredValue } from '../context/answer-tool.ts'
import { readResultTool } from '../context/read-result.ts'
import { finalTurnReminder, reminderHook } from '../context/reminders.ts'
import type { Reservation, RunIdentity } from '../events.ts'
import type { Answer } from '../permission/answer.ts'
import { createGate, type Gate } from '../permission/gate.ts'
import { normaliseMode } from '../permission/modes.ts'
import { mergeHooks, type Hooks, type HookView } from '../run/hooks.ts'
import { loop } from '../run/loop.ts'
import { toResult, type RunEnd, type RunResult } from '../run/result.ts'
import type { RunState } from '../run/run-state.ts'
import { totalTokens } from '../tokens.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { cacheWatchOf, compactionOf } from './compaction-of.ts'
import { toolFinder } from './find-tool.ts'
import { shortHash } from './hash.ts'
import { createOutputCheck, type OutputCheck } from './output.ts'
import { promptOf, type Prompt } from './prompt.ts'
import { chained, dearestPrice, requests, type Requests } from './request.ts'
import { runHooks } from './run-hooks.ts'
import { runTools } from './run-tools.ts'
import type { StartOptions } from './start.ts'
import { takeSteering } from './steering.ts'

const DEFAULT_MAX_TURNS = 100

/** The loop of a run, with what it was made of. */
export interface Wired {
  readonly batches: Pick<ReturnType<typeof loop>, 'next' | 'return'>
  readonly result: (end: RunEnd) => RunResult
  close(): void
}

/** Puts the loop together: wrappers around its two effects, and functions of its log. */
export async function wire(start: StartOptions, state: RunState): Promise<Wired> {
  const { maxDurationMs, onExceeded } = start.options.budget ?? {}
  const limit = start.parent || onExceeded === 'ask' ? undefined : maxDurationMs
  const deadline = withDeadline(start.signal, limit, start.elapsedMs)
  const close = (): void => deadline.close()
  try {
    return { ...(await wireWithin(start, state, deadline.signal)), close }
  } catch (error) {
    close()
    throw error
  }
}

async function wireWithin(
  start: StartOptions,
  state: RunState,
  signal: AbortSignal,
): Promise<Omit<Wired, 'close'>> {
  const { from, parent } = start
  const { workspace = noWorkspace, budget = {} } = start.options
  const clock = (): number => performance.now()
  const ledger = parent?.ledger ?? createLedger(budget, spentOf(state, start), clock)
  const agentPath = parent?.agentPath ?? []
  const host = { start, state, ledger, agentPath, signal, wire, tools: start.options.tools ?? [] }
  const { tools, background } = await runTools(host)
  const options = { ...start.options, tools }
  const prompt = await promptOf(options, state)
  const identity = await identify(start, prompt)
  const output = options.outputSchema && createOutputCheck(options.outputSchema)
  const requestFor = requests(options, identity, output?.schema)
  const parts = { ledger, signal, requestFor, prompt, sessionId: identity.sessionId, agentPath }
  const compaction = compactionOf({ options }, state, parts)
  const shortened = compaction ? { beforeModel: () => compaction.shorten() } : undefined
  const watch = cacheWatchOf(options, state, parts)
  const hooks = runHooks(mergeHooks(shortened, options.hooks, builtIn, watch), signal)
  const maxTurns = options.maxTurns ?? DEFAULT_MAX_TURNS
  const view = (): HookView =>
    viewOf(state, { ...options, ...identity, maxTurns, agentPath, signal })
  const result = resultOf(start, state, identity, output)
  const requestNow = (): Requests => requestFor(state.prompt ?? prompt)
  const estimate = (): CallEstimate => estimateOf(requestNow(), state, options)
  const batches = loop({
    state,
    identity,
    agentPath,
    workspace,
    signal,
    findTool: toolFinder([...tools, readResultTool(state)]),
    hooks,
    gate: gateOf(start, state, hooks, signal),
    adapter: chained(options),
    ...(from.input && { input: output ? [...from.input, output.instruction] : from.input }),
    prompt,
    // Tools that are loaded while it runs join the list.
    get request() {
      return requestNow().request
    },
    maxTurns,
    ledger,
    refuseCall: ledger.refuseCall,
    price: dearestPrice(options),
    clock,
    estimateInput: () => estimate().inputTokens,
    takeSteering: () => takeSteering({ host, background, output, hooks, view, estimate }),
    triesAgain: (error) => compaction?.retries(error) ?? false,
    result,
  })
  return { batches: background ? background.around({ batches, result }) : batches, result }
}

function estimateOf(
  { request: { maxOutputTokens }, estimate }: Requests,
  { messages }: RunState,
  options: StartOptions['options'],
): CallEstimate {
  return { inputTokens: estimate(messages), maxOutputTokens, price: dearestPrice(options) }
}

function resultOf(
  { steering, options: { workspace = noWorkspace, checks } }: StartOptions,
  state: RunState,
  identity: RunIdentity,
  output: OutputCheck | undefined,
): Wired['result'] {
  return (end) => {
    steering.open = false
    const folded = toResult(state, identity, workspace.roots[0] ?? '', end)
    const value = output ? output.value() : answeredValue(state)
    // The types of the call say what the schema gives.
    const result = value === undefined ? folded : { ...folded, output: value as null }
    return checks?.length ? { verification: 'unverified', checks: [], ...result } : result
  }
}

const beforeFinalTurn = reminderHook([finalTurnReminder])
const builtIn: Hooks = {
  beforeModel: (view) => (view.turn === view.maxTurns ? beforeFinalTurn(view) : []),
}

function viewOf(
  { messages, run }: RunState,
  { adapter, model, sessionId, maxTurns, agentPath, signal }: Omit<HookView, 'messages' | 'turn'>,
): HookView {
  const about = { sessionId, signal, agentPath }
  return { messages, turn: run.turns + 1, maxTurns, adapter, model, ...about }
}

async function identify({ options, identity }: StartOptions, prompt: Prompt): Promise<RunIdentity> {
  return {
    ...identity,
    provider: options.adapter.id,
    model: options.model,
    systemHash: await shortHash(prompt.system),
    toolsHash: await shortHash(JSON.stringify(prompt.tools)),
    ...(options.permissionMode && { permissionMode: normaliseMode(options.permissionMode) }),
  }
}

function gateOf(
  { options, identity, ask, expect, parent }: StartOptions,
  state: RunState,
  hooks: Hooks,
  signal: AbortSignal,
): Gate {
  const { permissionMode = 'auto', rules, policies, workspace = noWorkspace } = options
  return createGate({
    mode: permissionMode,
    ...(rules && { rules }),
    ...(policies && typeof policies !== 'function' && { policies }),
    roots: workspace.roots,
    ...(workspace.home !== undefined && { home: workspace.home }),
    ...(workspace.sandboxed && { sandboxed: true }),
    state,
    sessionId: identity.sessionId,
    agentPath: parent?.agentPath ?? [],
    hooks,
    signal,
    expect,
    ask: (request) => unlessAborted(ask(request), signal),
  })
}

/** A run that is cancelled waits for nobody. */
async function unlessAborted(
  asked: Promise<Answer | null>,
  signal: AbortSignal,
): Promise<Answer | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const leave = onAbort(signal, () => resolve(null))
  try {
    return await Promise.race([asked, promise])
  } finally {
    leave()
  }
}

/** A resumed run goes on with what it had used; a turn that never told its usage counts as spent, also a child's. */
function spentOf(
  state: RunState,
  { from, elapsedMs = 0 }: StartOptions,
): Parameters<typeof createLedger>[1] {
  if (from.input) return { usd: 0, tokens: 0, toolCalls: 0, durationMs: 0 }
  const { run } = state
  const reserved = reservedBy(state)
  const usd = reserved.reduce((sum, { reservedUsd = 0 }) => sum + reservedUsd, 0)
  const tokens = reserved.reduce((sum, { reservedTokens = 0 }) => sum + reservedTokens, 0)
  return {
    usd: (run.usage.costUsd ?? 0) + usd,
    tokens: totalTokens(run.usage) + tokens,
    toolCalls: run.startedCalls,
    durationMs: elapsedMs,
    ...(run.limits && { limits: run.limits }),
  }
}

function reservedBy({ run, children }: RunState): readonly Reservation[] {
  return [...run.unsettled, ...run.reserved, ...[...children.values()].flatMap(reservedBy)]
}
