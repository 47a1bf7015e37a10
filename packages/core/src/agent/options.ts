import { checkBudget } from '../budget/budget-options.ts'
import { LONGEST_TIMER_MS } from '../budget/deadline.ts'
import { ConfigError } from '../errors.ts'
import type { Price, ProviderAdapter } from '../model/adapter.ts'
import type { FallbackModel } from '../model/fallback.ts'
import { normaliseMode } from '../permission/modes.ts'
import type { PermissionMode, PermissionModeName } from '../permission/permission.ts'
import { mergeHooks, type Hooks } from '../run/hooks.ts'
import type { RunOptions } from '../run/options.ts'
import type { ToolSource } from '../tool/tool-source.ts'
import type { Workspace } from '../tool/workspace.ts'
import { checkBackground } from './check-background.ts'
import { checkNumber } from './check-number.ts'
import { checkChecks } from './check-tools.ts'
import { checkToolNames } from './open-tools.ts'

type Shared =
  | 'store'
  | 'tools'
  | 'toolChoice'
  | 'permissionMode'
  | 'rules'
  | 'policies'
  | 'onPermission'
  | 'maxTurns'
  | 'maxOutputTokens'
  | 'maxRetries'
  | 'timeout'
  | 'idleTimeout'
  | 'systemPrompt'
  | 'appendSystemPrompt'
  | 'instructions'
  | 'hooks'
  | 'budget'
  | 'effort'
  | 'params'
  | 'metadata'
  | 'secrets'
  | 'workspace'
  | 'price'
  | 'subagents'
  | 'agents'
  | 'maxSubagentDepth'
  | 'compaction'
  | 'subagentBackground'
  | 'subagentSessions'
  | 'outputSchema'
  | 'checks'
  | 'maxCheckRounds'

export interface AgentOptions extends Pick<RunOptions, Shared> {
  /** Who it is, in messages and in the lock of a session. */
  readonly name: string
  readonly adapter: ProviderAdapter
  readonly model: string
  /** Where no option says one; a run that goes on keeps its own. @default 'auto' */
  readonly defaultPermissionMode?: PermissionModeName
  /**
   * Models to go on with, in this order, when the ones before cannot answer: overloaded, out of quota, unknown to the vendor, not
   * reachable, and after all repetitions. `params` go to models of `adapter`'s vendor alone.
   */
  readonly fallback?: readonly FallbackModel[]
  /** For summaries. @default the model itself */
  readonly smallModel?: FallbackModel
  /** Where further tools come from when a run begins. */
  readonly toolSources?: readonly ToolSource[]
  /**
   * Makes what a run and its children use in the place of `workspace`, when the run begins: as one that keeps what is changed through it.
   * `signal` is the run's.
   */
  readonly openWorkspace?: (workspace: Workspace, run: WorkspaceUser) => Workspace
  /** Makes hooks that come before `hooks` and depend on the mode, which of a run that goes on is on record. Children share them. */
  readonly openHooks?: (run: { readonly permissionMode: PermissionMode }) => Hooks
  /** What the reader of each run is to be told at its start, as `warning` events. */
  readonly notices?: readonly string[]
}

/** The run that a workspace is for. */
export interface WorkspaceUser {
  readonly sessionId: string
  readonly runId: string
  readonly signal: AbortSignal
}

/** What a call may set differently. */
export interface AgentRunOptions extends Partial<Omit<AgentOptions, 'name'>> {
  /** The id of a session of `store`: one that is there goes on, another begins. Absent with a store: a new one. */
  readonly session?: string
  readonly signal?: AbortSignal
}

/** The options of a run that has a mode: its own, else the one on record, else the default. Throws `ConfigError` for an unknown one. */
export function inMode(options: AgentOptions, recorded: PermissionMode | undefined): AgentOptions {
  const { openHooks, defaultPermissionMode = 'auto', ...rest } = options
  const permissionMode = normaliseMode(options.permissionMode ?? recorded ?? defaultPermissionMode)
  const hooks = openHooks && mergeHooks(openHooks({ permissionMode }), options.hooks)
  return { ...rest, permissionMode, ...(hooks && { hooks }) }
}

/** Throws `ConfigError` for a value that makes no sense, and names it. */
export function checkOptions(options: AgentOptions): void {
  normaliseMode(options.permissionMode ?? options.defaultPermissionMode ?? 'auto')
  for (const name of ['maxTurns', 'maxOutputTokens'] as const) checkNumber(name, options[name], 1)
  for (const name of ['timeout', 'idleTimeout'] as const)
    checkNumber(name, options[name], 1, LONGEST_TIMER_MS)
  for (const name of ['maxRetries', 'maxCheckRounds'] as const) checkNumber(name, options[name], 0)
  checkBackground(options.subagentBackground)
  checkChecks(options.checks)
  checkBudget(options.budget ?? {})
  // Also for whoever writes no types.
  if (!isAdapter(options.adapter))
    throw new ConfigError('An agent needs the option `adapter`, an object with the method stream.')
  if (!options.model) throw new ConfigError('An agent needs the option `model`, the id of a model.')
  const { smallModel } = options
  if (smallModel && (!isAdapter(smallModel.adapter) || !smallModel.model))
    throw new ConfigError('`smallModel` needs an `adapter` and the id of a `model`.')
  checkCompaction(options.compaction || {})
  const wrong = (options.fallback ?? []).find(({ adapter, model }) => !isAdapter(adapter) || !model)
  if (wrong)
    throw new ConfigError('Each member of `fallback` needs an `adapter` and the id of a `model`.')
  checkToolNames(options.tools ?? [])
  checkPrice(options)
}

function checkCompaction({
  contextWindow,
  reserveTokens,
  keepTokens,
}: Exclude<AgentOptions['compaction'], false | undefined>): void {
  checkNumber('compaction.contextWindow', contextWindow, 1000)
  checkNumber('compaction.reserveTokens', reserveTokens, 0)
  checkNumber('compaction.keepTokens', keepTokens, 0)
}

function isAdapter(adapter: Partial<ProviderAdapter> | undefined): boolean {
  return typeof adapter?.stream === 'function'
}

/** The models that may answer, in the order in which they are asked. */
export function modelsOf({
  adapter,
  model,
  fallback = [],
}: AgentOptions): readonly FallbackModel[] {
  return [{ adapter, model }, ...fallback]
}

export function priceOf({ price }: AgentOptions, { adapter, model }: FallbackModel): Price | null {
  return price?.(adapter.id, model) ?? null
}

function checkPrice(options: AgentOptions): void {
  const { budget } = options
  if (budget?.maxCostUsd === undefined || budget.allowUnpriced) return
  const { smallModel } = options
  const unpriced = [...modelsOf(options), ...(smallModel ? [smallModel] : [])].find(
    (one) => !priceOf(options, one),
  )
  if (!unpriced) return
  const { adapter, model } = unpriced
  throw new ConfigError(
    `No price is known for ${adapter.id}/${model}, so a cost limit cannot be kept. Give the option \`price\`, limit the tokens instead, or set budget.allowUnpriced.`,
  )
}
