import { createLedger } from '../budget/ledger.ts'
import { inputEstimator } from '../context/estimate.ts'
import { BudgetExceeded, ConfigError, SessionNotFound } from '../errors.ts'
import type { RunEvent, RunIdentity } from '../events.ts'
import { userMessage } from '../messages.ts'
import type { ModelRequest, Price, ToolSpec } from '../model/adapter.ts'
import { guarded } from '../model/guard.ts'
import { withRetry } from '../model/retry.ts'
import type { Asker } from '../permission/answer.ts'
import { createGate } from '../permission/gate.ts'
import type { StartedRun } from '../run/drive.ts'
import { loop } from '../run/loop.ts'
import { toResult } from '../run/result.ts'
import { newState, type RunState } from '../run/state.ts'
import { Session } from '../session/session.ts'
import { totalTokens } from '../usage.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import type { RunFrom } from './agent.ts'
import { shortHash } from './hash.ts'
import { readInstructions } from './instructions.ts'
import type { AgentOptions } from './options.ts'
import { systemPrompt } from './system-prompt.ts'
import { withAfterTool } from './tool-hooks.ts'

export interface StartOptions {
  readonly options: AgentOptions
  readonly from: RunFrom
  readonly identity: Pick<RunIdentity, 'runId' | 'sessionId'>
  readonly signal: AbortSignal
  readonly asker: Asker
  /** What was said to the run and not taken yet. */
  readonly steering: string[]
}

const DEFAULT_MAX_TURNS = 100
const DEFAULT_MAX_OUTPUT_TOKENS = 32_000
const DEFAULT_MAX_RETRIES = 3
const DEFAULT_TIMEOUT_MS = 600_000

/** Opens the session where there is a store, and puts the loop together: wrappers around the two effects, and functions of the log. */
export async function startRun(start: StartOptions): Promise<StartedRun> {
  const { options, from, identity } = start
  const session = await openSession()
  try {
    const state = session?.state ?? newState(from.history)
    if (session && state.messages.length && from.history?.length)
      throw new ConfigError(`Session ${session.id} has a history already; give no other one.`)
    if (!from.input && !state.messages.length)
      throw new ConfigError(
        `Session ${identity.sessionId} holds no message yet: there is nothing to go on with.`,
      )
    const wired = await wire(start, state)
    return {
      batches: wired.batches,
      record: (batch) => session?.append(batch),
      ...(session?.tornTo !== undefined && { notices: [tornWarning(session.tornTo)] }),
      async close() {
        wired.close()
        await session?.close()
      },
      result: wired.result,
    }
  } catch (error) {
    await session?.close()
    throw error
  }

  function tornWarning(path: string): RunEvent {
    const message = `The end of the session's log had been cut off by an interrupted write; it was moved to ${path}.`
    return { type: 'warning', code: 'session_torn', message }
  }

  async function openSession(): Promise<Session | undefined> {
    const { store, metadata, workspace = noWorkspace } = options
    if (!store) {
      if (!from.input) throw new SessionNotFound(identity.sessionId, 'an agent without a store')
      return undefined
    }
    const { sessionId: id } = identity
    const createdAt = new Date().toISOString()
    const header = {
      type: 'session',
      version: 1,
      id,
      cwd: workspace.roots[0] ?? '',
      createdAt,
      ...(metadata && { metadata }),
    } as const
    return Session.open(store, id, {
      owner: options.name,
      clock: Date.now,
      ...(from.input && { header }),
    })
  }
}

async function wire(start: StartOptions, state: RunState) {
  const { options, from, signal, asker, steering } = start
  const { adapter, model, workspace = noWorkspace, hooks = {}, budget = {} } = options
  const clock = (): number => performance.now()
  const price = options.price?.(adapter.id, model) ?? null
  const tools = (options.tools ?? []).map((tool) =>
    hooks.afterTool ? withAfterTool(tool, hooks.afterTool) : tool,
  )
  const prompt = await promptOf(options, state)
  const resumed = !from.input
  const identity: RunIdentity = {
    sessionId: start.identity.sessionId,
    runId: resumed && state.runId ? state.runId : start.identity.runId,
    provider: adapter.id,
    model,
    systemHash: await shortHash(prompt.system),
    toolsHash: await shortHash(JSON.stringify(prompt.tools)),
  }
  const ledger = createLedger(budget, spentOf(state, resumed), clock)
  const deadline = withDeadline(signal, budget.maxDurationMs)
  const cwd = workspace.roots[0] ?? ''
  const estimateInput = inputEstimator()
  const promptCharacters = prompt.system.length + JSON.stringify(prompt.tools).length
  const { mode: permissions, ...rest } = {
    mode: options.permissionMode ?? 'auto',
    ...pickRules(options),
  } as const
  const batches = loop({
    state,
    identity,
    agentPath: [],
    workspace,
    signal: deadline.signal,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    hooks,
    gate: createGate({
      mode: permissions,
      ...rest,
      roots: workspace.roots,
      ...(workspace.home !== undefined && { home: workspace.home }),
      state,
      hooks,
      signal: deadline.signal,
      ask: asker.ask,
    }),
    adapter: wrapped(options, price),
    resumed,
    ...(from.input && { input: from.input }),
    prompt: { type: 'prompt', ...prompt },
    request: requestOf(options, prompt, identity),
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
    ledger,
    refuseCall: ledger.refuseCall,
    price,
    clock,
    estimateInput: () => estimateInput(state.messages, promptCharacters),
    takeSteering: () => steering.splice(0).map((text) => userMessage(text, 'steer')),
    result: (end) => toResult(state, identity, cwd, end),
  })
  return {
    batches,
    close: deadline.close,
    result: (end: Parameters<typeof toResult>[3]) => toResult(state, identity, cwd, end),
  }
}

function pickRules({ rules, policies }: AgentOptions) {
  return { ...(rules && { rules }), ...(policies && { policies }) }
}

/** A resumed session keeps its prompt unless this call says otherwise, so that the vendor's cache still holds. */
async function promptOf(options: AgentOptions, state: RunState) {
  const tools: readonly ToolSpec[] = (options.tools ?? [])
    .filter(({ loadable }) => !loadable)
    .map(({ name, description, parameters }) => ({ name, description, parameters }))
  const explicit = options.systemPrompt !== undefined || options.appendSystemPrompt !== undefined
  const system =
    state.prompt && !explicit ? state.prompt.system : await newSystemPrompt(options, tools)
  return { hash: await shortHash(JSON.stringify([system, tools])), system, tools }
}

async function newSystemPrompt(options: AgentOptions, tools: readonly ToolSpec[]): Promise<string> {
  const { workspace = noWorkspace } = options
  const [cwd] = workspace.roots
  return systemPrompt({
    ...(cwd !== undefined && { cwd }),
    platform: workspace.platform,
    date: new Date().toISOString().slice(0, 10),
    tools: tools.map(({ name }) => name),
    instructions: options.instructions === false ? [] : await readInstructions(workspace),
    ...(options.systemPrompt !== undefined && { systemPrompt: options.systemPrompt }),
    ...(options.appendSystemPrompt !== undefined && { append: options.appendSystemPrompt }),
  })
}

function requestOf(
  options: AgentOptions,
  {
    hash,
    system,
    tools,
  }: { readonly hash: string; readonly system: string; readonly tools: readonly ToolSpec[] },
  { sessionId }: RunIdentity,
): Omit<ModelRequest, 'messages'> {
  const { adapter, model, effort, params, toolChoice } = options
  const limit = adapter.capabilities?.(model).maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS
  return {
    model,
    system,
    ...(tools.length && { tools }),
    ...(toolChoice && { toolChoice }),
    maxOutputTokens: options.maxOutputTokens ?? Math.min(limit, DEFAULT_MAX_OUTPUT_TOKENS),
    ...(effort && { effort }),
    ...(params && { params }),
    cacheKey: `${sessionId}-${hash}`,
  }
}

function wrapped(
  { adapter, maxRetries = DEFAULT_MAX_RETRIES, timeout = DEFAULT_TIMEOUT_MS }: AgentOptions,
  price: Price | null,
) {
  return withRetry(guarded(adapter, { timeoutMs: timeout, price }), {
    maxRetries,
    random: Math.random,
    sleep,
  })
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

/** A resumed run goes on with what it had used; a turn that never told its usage counts as spent. */
function spentOf({ run }: RunState, resumed: boolean): Parameters<typeof createLedger>[1] {
  if (!resumed) return { usd: 0, tokens: 0, toolCalls: 0 }
  return {
    usd: (run.usage.costUsd ?? 0) + run.reservedUsd,
    tokens: totalTokens(run.usage),
    toolCalls: run.steps.length,
  }
}

/** The run's signal, which also aborts when its time is up. */
function withDeadline(signal: AbortSignal, maxDurationMs: number | undefined) {
  if (maxDurationMs === undefined) return { signal, close: () => {} }
  const aborter = new AbortController()
  const onAbort = (): void => aborter.abort(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  const snapshot = {
    kind: 'duration',
    used: maxDurationMs,
    limit: maxDurationMs,
    needed: 0,
  } as const
  const timer = setTimeout(
    () =>
      aborter.abort(
        new BudgetExceeded(`The run took longer than its budget of ${maxDurationMs} ms.`, snapshot),
      ),
    maxDurationMs,
  )
  return {
    signal: aborter.signal,
    close() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}
