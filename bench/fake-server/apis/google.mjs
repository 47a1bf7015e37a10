import { toolCallId, unnamed } from './wire.mjs'

/** Google's generateContent API. @type {import('./api.ts').Api} */
export const google = {
  path: /^\/v1(?:beta)?\/models\/[^/]+:streamGenerateContent$/,
  contentType: 'text/event-stream; charset=utf-8',
  call: (turn, name) => [
    chunk([{ functionCall: { id: toolCallId(turn), name, args: { i: turn } } }], end),
  ],
  begin: () => [],
  delta: (text) => chunk([{ text }]),
  end: () => [chunk([{ text: '' }], end)],
}

const end = { finishReason: 'STOP' }

/** @param {readonly object[]} parts @param {object} [more] */
function chunk(parts, more) {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 }
  const candidate = { content: { role: 'model', parts }, ...more, index: 0 }
  return unnamed({ candidates: [candidate], usageMetadata, modelVersion: 'fake', responseId: 'r' })
}
