import { toolDescription, toolName, toolSchema } from './tool.mjs'

// The floor of OpenAI's Chat Completions API: see bare-anthropic.mjs.

/** @typedef {import('openai').OpenAI.Chat.ChatCompletionMessageParam} Message */
/** @typedef {import('openai').OpenAI.Chat.ChatCompletionMessageFunctionToolCall} Call */

/** @returns {Promise<import('./contestant.ts').MakeLoop>} */
export async function load() {
  const { OpenAI } = await import('openai')
  /** @type {Map<string, InstanceType<typeof OpenAI>>} */
  const clients = new Map()
  return ({ baseURL, execute, onText }) => {
    const client = clients.get(baseURL) ?? new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 })
    clients.set(baseURL, client)
    const tool = { name: toolName, description: toolDescription, parameters: toolSchema }
    const tools = [{ type: /** @type {const} */ ('function'), function: tool }]
    /** @type {Message[]} */
    const messages = []
    return {
      async run(prompt) {
        messages.push({ role: 'user', content: prompt })
        for (;;) {
          const stream_options = { include_usage: true }
          const request = { model: 'fake', tools, messages, stream_options }
          const chunks = await client.chat.completions.create({ ...request, stream: true })
          const { content, calls } = await answer(chunks, onText)
          if (calls.length === 0) {
            messages.push({ role: 'assistant', content })
            return content
          }
          messages.push({ role: 'assistant', content: content || null, tool_calls: calls })
          const results = calls.map(async ({ id, function: { arguments: args } }) => ({
            role: /** @type {const} */ ('tool'),
            tool_call_id: id,
            content: await execute(JSON.parse(args)),
          }))
          messages.push(...(await Promise.all(results)))
        }
      },
      async close() {},
    }
  }
}

/**
 * @param {AsyncIterable<import('openai').OpenAI.Chat.ChatCompletionChunk>} chunks
 * @param {((text: string) => void) | undefined} onText
 */
async function answer(chunks, onText) {
  let content = ''
  /** @type {Call[]} */
  const calls = []
  for await (const { choices } of chunks) {
    const delta = choices[0]?.delta
    if (delta?.content) {
      content += delta.content
      onText?.(delta.content)
    }
    for (const { index, id = '', function: part } of delta?.tool_calls ?? []) {
      const { name = '', arguments: args = '' } = part ?? {}
      const call = (calls[index] ??= { id, type: 'function', function: { name, arguments: '' } })
      call.function.arguments += args
    }
  }
  return { content, calls }
}
