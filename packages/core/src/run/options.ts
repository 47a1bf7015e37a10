import type { Agents } from '../agent/agent-definition.ts'
import type { SubagentBackgroundOptions } from '../agent/background-options.ts'
import type { SubagentSessions } from '../agent/subagent-sessions.ts'
import type { BudgetOptions } from '../budget/budget-options.ts'
import type { CompactionOptions } from '../context/compaction.ts'
import type { JsonObject } from '../json.ts'
import type { Effort, PriceOf, ProviderAdapter, ToolChoice } from '../model/adapter.ts'
import type { FallbackModel } from '../model/fallback.ts'
import type {
  OnPermission,
  PermissionModeName,
  PermissionRule,
  Policy,
} from '../permission/permission.ts'
import type { SessionStore } from '../session/store.ts'
import type { JsonSchema, StandardSchema } from '../tool/schema.ts'
import type { Tool } from '../tool/tool.ts'
import type { Workspace } from '../tool/workspace.ts'
import type { Hooks } from './hooks.ts'
import type { Check } from './verification.ts'

/** What a client takes, and every call overrides. `Agent` takes the part of it that is `AgentOptions`. */
export interface RunOptions {
  /** An id (`anthropic`) or an adapter. */
  readonly provider?: string | ProviderAdapter
  readonly model?: string
  /** For summaries: `provider/model`, or a model of the same provider. @default the model itself */
  readonly smallModel?: string | FallbackModel
  /** Models to go on with, in this order, when the ones before cannot answer: `provider/model`, or an adapter with its model. */
  readonly fallback?: readonly (string | FallbackModel)[]
  readonly apiKey?: string
  readonly baseUrl?: string
  readonly cwd?: string
  /** Further roots beside `cwd`. */
  readonly roots?: readonly string[]
  readonly workspace?: Workspace
  readonly store?: SessionStore
  /** `auto` holds commands where it works; `required` fails when nothing can be enforced on this machine. @default 'off' */
  readonly sandbox?: 'off' | 'auto' | 'required' | SandboxSettings
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly permissionMode?: PermissionModeName
  /** Objects, or strings as `allow bash(npm test:*)` parsed with `parseRules`. */
  readonly rules?: readonly PermissionRule[]
  /** A function reads them when a run begins; it may throw `ConfigError`. */
  readonly policies?: readonly Policy[] | (() => Promise<readonly Policy[]>)
  readonly onPermission?: OnPermission
  /** @default 100 */
  readonly maxTurns?: number
  /** Tokens. @default the smaller of the model's limit and 32,000 */
  readonly maxOutputTokens?: number
  /** Repetitions of a failed model call. @default 3 */
  readonly maxRetries?: number
  /** Milliseconds for one model call. No repetition begins later than this after the first try, or than two minutes. @default 600,000 */
  readonly timeout?: number
  /** Milliseconds without a byte of a model's answer, also before the first. @default 300,000 */
  readonly idleTimeout?: number
  /** Takes the place of the built-in one. */
  readonly systemPrompt?: string
  readonly appendSystemPrompt?: string
  /** Read AGENTS.md, else HARNESS.md, else CLAUDE.md, from the repository's root down. @default true */
  readonly instructions?: boolean
  /** The id of the session to go on with, or to begin. */
  readonly session?: string
  /** Folders of skills. */
  readonly skills?: readonly string[]
  readonly mcpServers?: { readonly [name: string]: JsonObject }
  /** The subagents that the model may give tasks to. */
  readonly agents?: Agents
  /** How deep subagents may have subagents; 0: none at all. @default 1 */
  readonly maxSubagentDepth?: number
  /** Whether subagents may run beside their parent. @default true */
  readonly subagentBackground?: boolean | SubagentBackgroundOptions
  /** Where conversations of subagents are kept beyond their run. */
  readonly subagentSessions?: SubagentSessions
  readonly hooks?: Hooks
  /** How the context is kept within the model's window. `false`: not at all. */
  readonly compaction?: CompactionOptions | false
  readonly budget?: BudgetOptions
  readonly effort?: Effort
  /** Passed to the vendor as they are. */
  readonly params?: JsonObject
  /** Kept with the session. */
  readonly metadata?: JsonObject
  /**
   * Values that no result of a tool may hold, beside what looks like a secret: `[redacted]` takes their place. `false`: results stay as
   * they are.
   */
  readonly secrets?: readonly string[] | false
  readonly outputSchema?: StandardSchema | JsonSchema
  /** What must hold when the model says that it is done. Where one does not, the model is told and goes on; not in subagents. */
  readonly checks?: readonly Check[]
  /** How often the model is sent back because a check failed. @default 3 */
  readonly maxCheckRounds?: number
  readonly signal?: AbortSignal
  /** `run()` throws the first failed or denied call after the run. @default false */
  readonly strict?: boolean
  /** Pass the events of subagents on. @default false */
  readonly subagents?: boolean
  readonly price?: PriceOf
}

export interface SandboxSettings {
  readonly mode: 'off' | 'auto' | 'required'
  /** What of the network commands reach: nothing, all of it, or these hosts, each with what is below it. @default false */
  readonly network?: boolean | { readonly allow: readonly string[] }
}
