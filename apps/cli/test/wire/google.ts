import { sse, tokensOfTurn, type Turn, type Vendor } from './turn.ts'

const model = 'gemini-4-argon'

/** `streamGenerateContent` of the Gemini API. */
export const google: Vendor = {
  id: 'google',
  model,
  env: (url) => ({ GEMINI_API_KEY: 'key-of-the-test', GOOGLE_GEMINI_BASE_URL: url }),
  path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
  key: ['x-goog-api-key', 'key-of-the-test'],
  contentType: 'text/event-stream',
  encode: (turn, index) => sse(chunks(turn, index), false),
}

function chunks({ text, calls }: Turn, turn: number): readonly object[] {
  const chunk = (parts: readonly object[], more: object = {}) => ({
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
    modelVersion: model,
    responseId: `response_${turn}`,
  })
  const { input, output } = tokensOfTurn
  return [
    ...text.map((piece) => chunk([{ text: piece }])),
    // Calls carry no id here, as older models send them; the first of an answer is signed.
    ...calls.map(({ name, input: args }, index) =>
      chunk([{ functionCall: { name, args }, ...(index === 0 && { thoughtSignature: 'c2ln' }) }]),
    ),
    {
      ...chunk([{ text: '' }], { finishReason: 'STOP' }),
      usageMetadata: {
        promptTokenCount: input,
        candidatesTokenCount: output,
        totalTokenCount: input + output,
      },
    },
  ]
}
