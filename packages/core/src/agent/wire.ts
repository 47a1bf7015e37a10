import { withDeadline } from '../budget/deadline.ts'
import { createLedger } from '../budget/ledger.ts'
import { dearestOf } from '../budget/price.ts'
import { inputEstimator } from '../context/estimate.ts'
import type { RunIdentity } from '../events.ts'
import type { ProviderAdapter } from '../model/adapter.ts'
import { withFallback, type FallbackModel } from '../model/fallback.ts'
import { guarded } from '../model/guard.ts'
import { withRetry } from '../model/retry.ts'
import { sleep } from '../model/sleep.ts'
import type { Answer } from '../permission/answer.ts'
import { createGate, type Gate } from '../permission/gate.ts'
import type { Hooks } from '../run/hooks.ts'
import { loop, type LoopOptions } from '../run/loop.ts'
import { toResult, type RunEnd, type RunResult } from '../run/result.ts'
import type { RunState } from '../run/state.ts'
import type { Tool } from '../tool/tool.ts'
import { totalTokens } from '../usage.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { toolFinder } from './find-tool.ts'
import { shortHash } from './hash.ts'
import { inputEvents } from './input.ts'
import { modelsOf, priceOf, type AgentOptions } from './options.ts'
import { createOutputCheck } from './output.ts'
import { promptOf, type Prompt } from './prompt.ts'
import { held, runHooks } from './run-hooks.ts'
import type { StartOptions } from './start.ts'
import { withAfterTool } from './tool-hooks.ts'

const DEFAULT_MAX_TURNS = 100
const DEFAULT_MAX_OUTPUT_TOKENS = 32_000
const DEFAULT_MAX_RETRIES = 3
const DEFAULT_TIMEOUT_MS = 600_000

/** The loop of a run, with what it was made of. */
export interface Wired {
  readonly batches: ReturnType<typeof loop>
  readonly result: (end: RunEnd) => RunResult
  close(): void
}

/** Puts the loop together: wrappers around its two effects, and functions of its log. */
export async function wire(start: StartOptions, state: RunState): Promise<Wired> {
  const { options, from, steering } = start
  const { workspace = noWorkspace, budget = {} } = options
  const clock = (): number => performance.now()
  const prompt = await promptOf(options, state)
  const identity = await identify(start, prompt)
  const ledger = createLedger(budget, spentOf(state, !from.input), clock)
  const output = options.outputSchema && createOutputCheck(options.outputSchema)
  const request = {
    ...requestOf(options, prompt, identity),
    ...(output && { output: { schema: output.schema } }),
  }
  const estimateInput = inputEstimator(prompt.system + JSON.stringify(prompt.tools))
  // From here on nothing throws: its timer has to be stopped.
  const deadline = withDeadline(start.signal, budget.maxDurationMs)
  const { signal } = deadline
  const hooks = runHooks(options.hooks ?? {}, signal)
  const result = (end: RunEnd): RunResult => {
    steering.open = false
    const folded = toResult(state, identity, workspace.roots[0] ?? '', end)
    // The types of the call say what the schema gives.
    return output ? { ...folded, output: output.value() as null } : folded
  }
  const batches = loop({
    state,
    identity,
    agentPath: [],
    workspace,
    signal,
    findTool: toolFinder(toolsOf(options)),
    hooks,
    gate: gateOf(start, state, hooks, signal),
    adapter: chained(options),
    ...(from.input && { input: output ? [...from.input, output.instruction] : from.input }),
    prompt: { type: 'prompt', ...prompt },
    request,
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
    ledger,
    refuseCall: ledger.refuseCall,
    // Whichever model answers, the call costs no more than was set aside for it.
    price: dearestOf(
      modelsOf(options)
        .map((one) => priceOf(options, one))
        .filter((price) => price !== null),
    ),
    clock,
    estimateInput: () => estimateInput(state.messages),
    async takeSteering() {
      const said = steering.texts.splice(0).flatMap((text) => inputEvents(text, 'steer'))
      return said.length || !output ? said : held(() => output.repair(state), signal)
    },
    result,
  })
  return { batches, close: () => deadline.close(), result }
}

async function identify({ options, identity }: StartOptions, prompt: Prompt): Promise<RunIdentity> {
  return {
    ...identity,
    provider: options.adapter.id,
    model: options.model,
    systemHash: await shortHash(prompt.system),
    toolsHash: await shortHash(JSON.stringify(prompt.tools)),
  }
}

function toolsOf({ tools = [], hooks }: AgentOptions): readonly Tool[] {
  const afterTool = hooks?.afterTool
  return afterTool ? tools.map((tool) => withAfterTool(tool, afterTool)) : tools
}

function gateOf(
  { options, ask, expect }: StartOptions,
  state: RunState,
  hooks: Hooks,
  signal: AbortSignal,
): Gate {
  const { permissionMode = 'auto', rules, policies, workspace = noWorkspace } = options
  return createGate({
    mode: permissionMode,
    ...(rules && { rules }),
    ...(policies && { policies }),
    roots: workspace.roots,
    ...(workspace.home !== undefined && { home: workspace.home }),
    state,
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
  const onAbort = (): void => resolve(null)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([asked, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function requestOf(
  options: AgentOptions,
  { hash, system, tools }: Prompt,
  { sessionId }: RunIdentity,
): LoopOptions['request'] {
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

/** Each model of the chain with its own price, limits and repetitions. */
function chained(options: AgentOptions): ProviderAdapter {
  const { maxRetries = DEFAULT_MAX_RETRIES, timeout: timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const wrapped = (one: FallbackModel): FallbackModel => ({
    model: one.model,
    adapter: withRetry(guarded(one.adapter, { timeoutMs, price: priceOf(options, one) }), {
      maxRetries,
      random: Math.random,
      sleep,
    }),
  })
  const [first, ...others] = modelsOf(options).map(wrapped)
  return withFallback(first as FallbackModel, others)
}

/** A resumed run goes on with what it had used; a turn that never told its usage counts as spent. */
function spentOf({ run }: RunState, resumed: boolean): Parameters<typeof createLedger>[1] {
  if (!resumed) return { usd: 0, tokens: 0, toolCalls: 0 }
  return {
    usd: (run.usage.costUsd ?? 0) + run.unsettledUsd + run.reservedUsd,
    tokens: totalTokens(run.usage),
    toolCalls: run.startedCalls,
  }
}
