// Harness (the Python package `harness-agent`) on harnext. Anything added here becomes public API. Named exports only.

export { run, type ApprovalCallback, type RunConfig } from './harness/run.ts'
export type { Hook, HookEvent } from './harness/hooks.ts'
export type { Message, Result } from './harness/message.ts'
export { SteeringChannel } from './harness/steering-channel.ts'
export { PermissionConfig } from '@harnext/core'
export { tool } from '@harnext/sdk'
export {
  isCompactionEvent,
  isResult,
  isSystemEvent,
  isTextMessage,
  isToolResult,
  isToolUse,
  type CompactionEvent,
  type SystemEvent,
  type TextMessage,
  type ToolResult,
  type ToolUse,
} from '@harnext/protocols/messages'
