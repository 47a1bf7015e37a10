// The client. Anything added here becomes public API: a test compares this list with the packed types.

export { ToolResult, tool } from '@harnext/core'
export { skill } from '@harnext/tools/skills'
export { Harness, Runner } from '@harnext/pipeline'
export { CancelToken } from './cancel-token.ts'
export * from './errors.ts'
export { Harnext, type SkillSet } from './harnext.ts'
export { providers } from './providers.ts'
export { Session } from './session.ts'
export { version } from './version.ts'

export type {
  Awaitable,
  BudgetOptions,
  CompactionEvent,
  CompactionOptions,
  Effect,
  Hooks,
  Json,
  JsonObject,
  Message,
  PermissionAnswer,
  PermissionRequest,
  PermissionRule,
  Run,
  RunEvent,
  RunResult,
  SessionCompaction,
  RunStopReason,
  SandboxSettings,
  Tool,
  ToolContext,
  ToolDefinition,
  ToolStep,
  Usage,
} from '@harnext/core'
export type { ElicitationAnswer, ElicitationRequest, OnElicitation } from '@harnext/mcp'
export type { McpPrompt, McpServerConfig, McpServerConfigs, McpServerStatus } from '@harnext/mcp'
export type { McpSet } from './mcp.ts'
export type { UserQuestion } from '@harnext/tools'
export type { Skill, SkillDefinition } from '@harnext/tools/skills'
export type {
  HarnessOptions,
  InstallOptions,
  InstallResult,
  RunnerOptions,
  RunnerStatus,
  SetupOptions,
  StageOptions,
  StageSandbox,
  StageSettings,
  UninstallResult,
  WriteResult,
} from '@harnext/pipeline'
export type { HarnextOptions, HarnextRunOptions, Input } from './options.ts'
export type { ProviderDefinition, ProviderStatus, Scorecard } from './providers.ts'
export type { SessionInfo, SessionStoreOptions } from './session.ts'
export type { PathProblem, UndoOptions, UndoResult, UndoableRun } from '@harnext/tools/undo'
