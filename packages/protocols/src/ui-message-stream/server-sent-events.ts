import type { UiMessageChunk } from './chunk.ts'

/** The headers of a response that carries a UI message stream. */
export const uiMessageStreamHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-vercel-ai-ui-message-stream': 'v1',
  // A proxy that buffers would hold the deltas back.
  'x-accel-buffering': 'no',
}

/** One chunk as the body of a response holds it. */
export function toServerSentEvent(chunk: UiMessageChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

/** The last bytes of the body. */
export const uiMessageStreamDone = 'data: [DONE]\n\n'
