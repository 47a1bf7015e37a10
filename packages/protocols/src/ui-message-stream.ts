export type {
  UiDataChunk,
  UiDataTypes,
  UiMessageChunk,
  UiMessageMetadata,
  UiToolChunk,
} from './ui-message-stream/chunk.ts'
export {
  createUiMessageStreamProjector,
  type UiMessageStreamOptions,
} from './ui-message-stream/projector.ts'
export {
  toServerSentEvent,
  uiMessageStreamDone,
  uiMessageStreamHeaders,
} from './ui-message-stream/server-sent-events.ts'
