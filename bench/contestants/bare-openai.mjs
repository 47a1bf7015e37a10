import { toolDescription, toolName, toolSchema } from './tool.mjs'

// The floor of OpenAI's Responses API: see bare-anthropic.mjs.

/** @typedef {import('openai').OpenAI.Responses.ResponseInputItem} Item */
/** @typedef {import('openai').OpenAI.Responses.ResponseOutputItem} OutputItem */

/** @returns {Promise<import('./contestant.ts').MakeLoop>} */
export async function load() {
  const { OpenAI } = await import('openai')
  /** @type {Map<string, InstanceType<typeof OpenAI>>} */
  const clients = new Map()
  return ({ baseURL, execute, onText }) => {
    const client = clients.get(baseURL) ?? new OpenAI({ apiKey: 'k', baseURL, maxRetries: 0 })
    clients.set(baseURL, client)
    const tool = {
      type: /** @type {const} */ ('function'),
      name: toolName,
      description: toolDescription,
      parameters: toolSchema,
      strict: false,
    }
    /** @type {Item[]} */
    const input = []
    return {
      async run(prompt) {
        input.push({ role: 'user', content: prompt })
        for (;;) {
          const request = { model: 'fake', store: false, tools: [tool], input }
          const events = await client.responses.create({ ...request, stream: true })
          /** @type {readonly OutputItem[]} */
          let output = []
          for await (const event of events)
            if (event.type === 'response.output_text.delta') onText?.(event.delta)
            else if (event.type === 'response.completed') output = event.response.output
          input.push(.../** @type {Item[]} */ (output))
          const calls = output.filter((item) => item.type === 'function_call')
          if (calls.length === 0) return textOf(output[0])
          const results = calls.map(async ({ call_id, arguments: args }) => ({
            type: /** @type {const} */ ('function_call_output'),
            call_id,
            output: await execute(JSON.parse(args)),
          }))
          input.push(...(await Promise.all(results)))
        }
      },
      async close() {},
    }
  }
}

function textOf(/** @type {OutputItem | undefined} */ item) {
  const [part] = item?.type === 'message' ? item.content : []
  return part?.type === 'output_text' ? part.text : ''
}
