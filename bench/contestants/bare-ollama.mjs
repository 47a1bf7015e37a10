import { toolDescription, toolName, toolSchema } from './tool.mjs'

// The floor of Ollama's chat API: see bare-anthropic.mjs.

/** @typedef {import('ollama').Message} Message */

/** @returns {Promise<import('./contestant.ts').MakeLoop>} */
export async function load() {
  const { Ollama } = await import('ollama')
  return ({ baseURL: host, execute, onText }) => {
    const client = new Ollama({ host })
    const tool = { name: toolName, description: toolDescription, parameters: toolSchema }
    const tools = [{ type: 'function', function: tool }]
    /** @type {Message[]} */
    const messages = []
    return {
      async run(prompt) {
        messages.push({ role: 'user', content: prompt })
        for (;;) {
          /** @type {NonNullable<Message['tool_calls']>} */
          const calls = []
          let content = ''
          for await (const { message } of await client.chat({
            model: 'fake',
            stream: true,
            tools,
            messages,
          })) {
            if (message.content) {
              content += message.content
              onText?.(message.content)
            }
            if (message.tool_calls) calls.push(...message.tool_calls)
          }
          if (calls.length === 0) {
            messages.push({ role: 'assistant', content })
            return content
          }
          messages.push({ role: 'assistant', content, tool_calls: calls })
          const results = calls.map(async ({ function: { name, arguments: args } }) => ({
            role: 'tool',
            content: await execute(args),
            tool_name: name,
          }))
          messages.push(...(await Promise.all(results)))
        }
      },
      async close() {},
    }
  }
}
