import { toolDescription, toolName, toolSchema } from './tool.mjs'

// The floor: what a program does that has the vendor’s SDK and a while loop, and no harness. Nothing here may be slower than it has
// to be.

/** @typedef {import('@anthropic-ai/sdk').Anthropic.MessageParam} MessageParam */
/** @typedef {import('@anthropic-ai/sdk').Anthropic.ContentBlock} ContentBlock */

/** @returns {Promise<import('./contestant.ts').MakeLoop>} */
export async function load() {
  const { Anthropic } = await import('@anthropic-ai/sdk')
  /** @type {Map<string, InstanceType<typeof Anthropic>>} */
  const clients = new Map()
  return ({ baseURL, execute, onText }) => {
    const client = clients.get(baseURL) ?? new Anthropic({ apiKey: 'k', baseURL, maxRetries: 0 })
    clients.set(baseURL, client)
    const tools = [{ name: toolName, description: toolDescription, input_schema: toolSchema }]
    /** @type {MessageParam[]} */
    const messages = []
    return {
      async run(prompt) {
        messages.push({ role: 'user', content: prompt })
        for (;;) {
          const request = { model: 'fake', max_tokens: 1000, tools, messages }
          const events = await client.messages.create({ ...request, stream: true })
          const content = await answer(events, onText)
          messages.push({ role: 'assistant', content })
          const calls = content.filter((block) => block.type === 'tool_use')
          if (calls.length === 0) return textOf(content[0])
          const results = calls.map(async ({ id, input }) => ({
            type: /** @type {const} */ ('tool_result'),
            tool_use_id: id,
            content: await execute(input),
          }))
          messages.push({ role: 'user', content: await Promise.all(results) })
        }
      },
      async close() {},
    }
  }
}

/**
 * @param {AsyncIterable<import('@anthropic-ai/sdk').Anthropic.RawMessageStreamEvent>} events
 * @param {((text: string) => void) | undefined} onText
 */
async function answer(events, onText) {
  /** @type {ContentBlock[]} */
  const content = []
  /** @type {string[]} */
  const inputs = []
  for await (const event of events) {
    if (event.type === 'content_block_start') {
      content[event.index] = { ...event.content_block }
      inputs[event.index] = ''
    } else if (event.type === 'content_block_delta') {
      const block = content[event.index]
      if (event.delta.type === 'text_delta' && block?.type === 'text') {
        block.text += event.delta.text
        onText?.(event.delta.text)
      } else if (event.delta.type === 'input_json_delta')
        inputs[event.index] += event.delta.partial_json
    }
  }
  for (const [index, block] of content.entries())
    if (block.type === 'tool_use') block.input = JSON.parse(inputs[index] ?? '')
  return content
}

function textOf(/** @type {ContentBlock | undefined} */ block) {
  return block?.type === 'text' ? block.text : ''
}
