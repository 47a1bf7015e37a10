// The shapes of Claude Code's headless mode, in both directions. Anything added here becomes public API.

export type {
  StreamJsonAssistant,
  StreamJsonBlock,
  StreamJsonContent,
  StreamJsonControlCancel,
  StreamJsonControlRequest,
  StreamJsonControlResponse,
  StreamJsonInit,
  StreamJsonMessage,
  StreamJsonNotice,
  StreamJsonRawEvent,
  StreamJsonResult,
  StreamJsonSource,
  StreamJsonStreamEvent,
  StreamJsonToolProgress,
  StreamJsonToolResult,
  StreamJsonUsage,
  StreamJsonUser,
} from './stream-json/message.ts'
export type { StreamJsonOptions } from './stream-json/options.ts'
export { createStreamJsonProjector } from './stream-json/projector.ts'
export { toStreamJsonResult } from './stream-json/result.ts'
export { controlError, controlSuccess, toStreamJsonLine } from './stream-json/line.ts'
export {
  parseStreamJsonInput,
  type StreamJsonControl,
  type StreamJsonInput,
  type StreamJsonInputOptions,
} from './stream-json/input.ts'
