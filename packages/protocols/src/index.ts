// The events of a run as other systems read them. Anything added here becomes public API. Named exports only; the types of a format
// are in its subpath.

export { project, type Projector, type ProjectorOptions } from './projector.ts'
export { createContentBlocksProjector, type ContentBlockEvent } from './content-blocks.ts'
export { createDottedEventsProjector, type DottedEvent } from './dotted-events.ts'
export { createMessagesProjector, type HarnessMessage } from './messages.ts'
export {
  createStreamJsonProjector,
  toStreamJsonLine,
  type StreamJsonMessage,
  type StreamJsonOptions,
} from './stream-json.ts'
export {
  createUiMessageStreamProjector,
  type UiMessageChunk,
  type UiMessageStreamOptions,
} from './ui-message-stream.ts'
