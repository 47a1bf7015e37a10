// data-harness on harnext. Anything added here becomes public API. Named exports only.

export {
  Harness,
  Harness as AsyncHarness,
  type CallOptions,
  type HarnessOptions,
} from './data-harness/harness.ts'
export type { RunLogLine } from './data-harness/run-log.ts'
export type { RunResult, RunStatus } from './data-harness/run-result.ts'
export type { ToolAnnotations, ToolSpec } from './data-harness/tool-spec.ts'
export { MaxTurnsExceeded, SessionCache, answerTool, type Reminder } from '@harnext/core'
export type { ContentBlockEvent } from '@harnext/protocols/content-blocks'
