// The runtime-neutral surface of harnext's core: Web APIs only. Anything added here becomes public API. Named exports only.

export {
  AuthenticationError,
  BudgetExceeded,
  ConfigError,
  HarnextError,
  MCPConnectionError,
  MaxTurnsExceeded,
  PermissionDenied,
  ProviderError,
  RateLimitError,
  SessionCorrupt,
  SessionLocked,
  SessionNotFound,
  ToolError,
  ValidationError,
  asHarnextError,
  errorFromRecord,
  messageOf,
  type BudgetKind,
  type BudgetSnapshot,
  type ErrorRecord,
  type ProviderErrorKind,
} from './errors.ts'
export type {
  Batch,
  PermissionDecisionEvent,
  PermissionRequestEvent,
  RunEvent,
  RunIdentity,
  SubagentResult,
  SubagentStartEvent,
  ToolCallEvent,
  ToolReason,
  ToolResultEvent,
  ToolStartEvent,
} from './events.ts'
export { isJsonObject, type Awaitable, type Json, type JsonObject } from './json.ts'
export {
  textOf,
  toolCalls,
  userMessage,
  type AssistantMessage,
  type AssistantPart,
  type FilePart,
  type ImagePart,
  type Message,
  type ModelStopReason,
  type Opaque,
  type ProviderPart,
  type SourcePart,
  type TextPart,
  type ThinkingPart,
  type ToolCallPart,
  type ToolMessage,
  type ToolPart,
  type ToolStatus,
  type UserMessage,
  type UserPart,
} from './messages.ts'
export { totalTokens } from './tokens.ts'
export { addUsage, zeroUsage, type Usage } from './usage.ts'
export {
  isBatch,
  type CallContext,
  type Capabilities,
  type Effort,
  type ModelDelta,
  type ModelEvent,
  type ModelInfo,
  type ModelRequest,
  type Price,
  type PriceOf,
  type PriceTier,
  type ProviderAdapter,
  type Rates,
  type ToolChoice,
  type ToolSpec,
} from './model/adapter.ts'
export type { FallbackModel } from './model/fallback.ts'
export { describeEffect, type Effect, type EffectKind } from './tool/effects.ts'
export { conflicts, isBelow } from './tool/concurrency.ts'
export { type JsonSchema, type StandardSchema, type Validation } from './tool/schema.ts'
export {
  ToolResult,
  tool,
  type Recovery,
  type Tool,
  type ToolContext,
  type ToolDefinition,
  type ToolEvent,
  type ToolResultLike,
  type ToolResultOptions,
} from './tool/tool.ts'
export type { OpenTools, ToolSource, ToolSourceContext } from './tool/tool-source.ts'
export type {
  Command,
  Exit,
  FileInfo,
  ProcessIdentity,
  ReadFileOptions,
  ResolvedPath,
  SpawnOptions,
  Workspace,
  WriteFileOptions,
} from './tool/workspace.ts'
export type {
  DecideInput,
  Decision,
  OnPermission,
  PermissionAnswer,
  PermissionCall,
  PermissionMode,
  PermissionModeName,
  PermissionRequest,
  PermissionRule,
  Policy,
  Tier,
  Verdict,
} from './permission/permission.ts'
export { isLocalHost } from './permission/hosts.ts'
export { isProtectedPath } from './permission/protected-paths.ts'
export { isSensitivePath } from './permission/sensitive-paths.ts'
export { decide } from './permission/decide.ts'
export {
  mergeHooks,
  type AskHookView,
  type CompactionHookView,
  type Hook,
  type HookEvent,
  type HookView,
  type HookWarning,
  type Hooks,
  type RunHookView,
  type ToolHookCall,
  type ToolVerdict,
} from './run/hooks.ts'
export {
  apply,
  pipe,
  toRunFunction,
  withCompaction,
  withHooks,
  withPersistence,
  withRetry,
  withTurnTracking,
  type Middleware,
  type RunFunction,
} from './agent/middleware.ts'
export type { RunOptions, SandboxSettings } from './run/options.ts'
export type { RunEnd, RunResult, RunStopReason, RunUsage, ToolStep } from './run/result.ts'
export type { Run } from './run/run.ts'
export type {
  Check,
  CheckContext,
  CheckEvidence,
  CheckFunction,
  CommandCheck,
  Verification,
  VerificationEvent,
} from './run/verification.ts'
export type {
  AppendOptions,
  SessionHeader,
  SessionLease,
  SessionRecord,
  SessionStore,
  SessionSummary,
  StoredSession,
  StoredTail,
} from './session/store.ts'
export { createExplainer, type Explainer, type Explanation } from './agent/explain-call.ts'
export type { SessionCompaction } from './agent/compact-session.ts'
export { Agent, type CompactOptions, type ResumeOptions } from './agent/agent.ts'
export {
  builtInAgents,
  type AgentCatalog,
  type AgentDefinition,
  type AgentSummary,
  type Agents,
} from './agent/agent-definition.ts'
export { checkSignal } from './agent/check-signal.ts'
export type { AwaitMode, SubagentBackgroundOptions } from './agent/background-options.ts'
export type { SubagentSession, SubagentSessions } from './agent/subagent-sessions.ts'
export { readInstructions, type InstructionsFile } from './agent/instructions.ts'
export type { AgentOptions, AgentRunOptions, WorkspaceUser } from './agent/options.ts'
export { systemPrompt, type PromptContext } from './agent/system-prompt.ts'
export type { CompactionEvent, CompactionOptions } from './context/compaction.ts'
export { answerTool } from './context/answer-tool.ts'
export { handleHook, handleTools, isInline, type InlineLimits } from './context/handles.ts'
export { finalTurnReminder, reminderHook, type Reminder } from './context/reminders.ts'
export {
  SessionCache,
  type HandleInfo,
  type HandleStorage,
  type SessionCacheOptions,
} from './context/session-cache.ts'
export { costOf } from './budget/price.ts'
export { type BudgetOptions } from './budget/budget-options.ts'
export { createLedger, type Ledger } from './budget/ledger.ts'
export { retrying, type RetryOptions } from './model/retry.ts'
export { newState, nextStep, openCalls, reduce, type NextStep } from './run/state.ts'
export type { RunAccount, RunState } from './run/run-state.ts'
export { loop, type LoopOptions } from './run/loop.ts'
export { memoryStore } from './session/memory-store.ts'
export { fromRecord, isBarrier, isRecorded, toRecord, type LoggedEvent } from './session/record.ts'
export { createRedactor, redactJson, type Redact } from './session/redact.ts'
export { recentMessages, type RecentMessages } from './session/recent-messages.ts'
export { Session, loadSession, type LoadedSession } from './session/session.ts'
export { noWorkspace } from './workspace/no-workspace.ts'
export { normaliseMode } from './permission/modes.ts'
export { parseRules, ruleText, type ParsedRules } from './permission/rules.ts'
export { sameJson } from './tool/json-compare.ts'
export { canonicalToolName, matchesTool, toDisplayName, toWireName } from './tool/names.ts'
export { picture, visible } from './text/visible.ts'
export { withoutMiddle } from './text/without-middle.ts'
export { nearest } from './tool/nearest.ts'
export { validateJson } from './tool/validate.ts'
export { newSessionId } from './agent/hash.ts'
export { PermissionConfig, type ArgumentPatterns } from './permission/permission-config.ts'
