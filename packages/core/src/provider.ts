// What the author of a provider adapter needs. Anything added here becomes public API. Named exports only.

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
export { bodyWriter, type HistoryFormat, type WrittenHistory } from './model/body-writer.ts'
export {
  callError,
  networkError,
  readFailure,
  responseError,
  type CallFailure,
} from './model/call-error.ts'
export { handover } from './model/handover.ts'
export { httpError, isOverflow, type HttpFailure } from './model/http-error.ts'
export { jsonText } from './model/json-text.ts'
export { ndjsonParser } from './model/ndjson.ts'
export { ownSignal, type OwnSignal } from './model/own-signal.ts'
export { rawClient, type RawClient, type RawClientOptions } from './model/raw-client.ts'
export {
  requestSender,
  type MakeRequest,
  type RequestSenderOptions,
  type SentRequest,
} from './model/request-sender.ts'
export { frozenPart, toolCallPart, type ToolCallText } from './model/parts.ts'
export { defaultFetch } from './transport/default-fetch.ts'
export { sseParser, type ServerSentEvent } from './model/sse.ts'
export { warning, type Warning } from './model/warning.ts'
export {
  AuthenticationError,
  ConfigError,
  HarnextError,
  ProviderError,
  RateLimitError,
  isProviderError,
  messageOf,
  type ProviderErrorKind,
  type ProviderErrorOptions,
} from './errors.ts'
export { isJsonObject, type Json, type JsonObject } from './json.ts'
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
  type UserMessage,
  type UserPart,
} from './messages.ts'
export { tokenCount } from './tokens.ts'
export { zeroUsage, type Usage } from './usage.ts'
