// OpenHarness (`@openharness/core`) on harnext. Anything added here becomes public API. Named exports only.

export {
  Agent,
  type AgentOptions,
  type ApproveFn,
  type RunOptions,
  type SubagentBackground,
  type SubagentEventFn,
  type ToolCallInfo,
} from './openharness/agent.ts'
export type { AgentEvent, SessionEvent, SessionLifecycleEvent } from './openharness/events.ts'
export type { AdapterModel, Model } from './openharness/model.ts'
export type { SubagentCatalog } from './openharness/subagents.ts'
export type {
  SubagentSessionMetadata,
  SubagentSessionMetadataStore,
  SubagentSessionsConfig,
} from './openharness/subagent-sessions.ts'
export type { SubagentSessionOptions } from './openharness/subagent-history.ts'
export type { Tools } from './openharness/tools.ts'
export {
  apply,
  pipe,
  toRunner,
  type Input,
  type Middleware,
  type Runner,
} from './openharness/runner.ts'
export { filter, map, takeUntil, tap, type Operator } from './openharness/stream-operators.ts'
export { withTurnTracking } from './openharness/with-turn-tracking.ts'
export { withRetry, type RetryConfig } from './openharness/with-retry.ts'
export { withHooks, type SessionHooks, type TurnInfo } from './openharness/with-hooks.ts'
export {
  withPersistence,
  type PersistenceConfig,
  type SessionStore,
} from './openharness/with-persistence.ts'
export {
  withCompaction,
  type CompactionCheckInfo,
  type CompactionConfig,
} from './openharness/with-compaction.ts'
export {
  DefaultCompactionStrategy,
  type CompactionContext,
  type CompactionResult,
  type CompactionStrategy,
  type DefaultCompactionOptions,
} from './openharness/compaction-strategy.ts'
export { Conversation, type ConversationOptions } from './openharness/conversation.ts'
export { Session, type SessionOptions } from './openharness/session.ts'
export {
  sessionEventsToUIStream,
  type UiChunk,
  type UiStreamOptions,
} from './openharness/ui-stream.ts'
export { extractUserInput, type UiMessage } from './openharness/extract-user-input.ts'
export type { AwaitMode } from '@harnext/core'
export type { TokenUsage } from '@harnext/protocols/dotted-events'
