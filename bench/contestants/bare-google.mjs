import { toolDescription, toolName, toolSchema } from './tool.mjs'

// The floor of Google's generateContent API: see bare-anthropic.mjs.

/** @typedef {import('@google/genai').Content} Content */
/** @typedef {import('@google/genai').Part} Part */

/** @returns {Promise<import('./contestant.ts').MakeLoop>} */
export async function load() {
  const { GoogleGenAI } = await import('@google/genai')
  /** @type {Map<string, InstanceType<typeof GoogleGenAI>>} */
  const clients = new Map()
  return ({ baseURL: baseUrl, execute, onText }) => {
    const client =
      clients.get(baseUrl) ?? new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl } })
    clients.set(baseUrl, client)
    const tool = {
      name: toolName,
      description: toolDescription,
      parametersJsonSchema: toolSchema,
    }
    const config = { tools: [{ functionDeclarations: [tool] }] }
    /** @type {Content[]} */
    const contents = []
    return {
      async run(prompt) {
        contents.push({ role: 'user', parts: [{ text: prompt }] })
        for (;;) {
          const request = { model: 'fake', contents, config }
          const { text, calls } = await answer(
            await client.models.generateContentStream(request),
            onText,
          )
          contents.push({ role: 'model', parts: [...(text ? [{ text }] : []), ...calls] })
          if (calls.length === 0) return text
          const results = calls.map(
            async ({ functionCall: { id = '', name = '', args } = {} }) => ({
              functionResponse: { id, name, response: { output: await execute(args) } },
            }),
          )
          contents.push({ role: 'user', parts: await Promise.all(results) })
        }
      },
      async close() {},
    }
  }
}

/**
 * @param {AsyncIterable<import('@google/genai').GenerateContentResponse>} chunks
 * @param {((text: string) => void) | undefined} onText
 */
async function answer(chunks, onText) {
  let text = ''
  /** @type {Part[]} */
  const calls = []
  for await (const { candidates } of chunks)
    for (const part of candidates?.[0]?.content?.parts ?? []) {
      if (part.text) {
        text += part.text
        onText?.(part.text)
      } else if (part.functionCall) calls.push(part)
    }
  return { text, calls }
}
