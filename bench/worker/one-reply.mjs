import { Anthropic } from '@anthropic-ai/sdk'

// The floor of `harnext -p`: the vendor's SDK, one streamed answer, printed. `one-reply.mjs <prompt>`, the server in ANTHROPIC_BASE_URL.

const client = new Anthropic({ apiKey: 'k', baseURL: process.env['ANTHROPIC_BASE_URL'] ?? null })
const events = await client.messages.create({
  model: 'fake',
  max_tokens: 1000,
  stream: true,
  messages: [{ role: 'user', content: process.argv[2] ?? '' }],
})
for await (const event of events)
  if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
    process.stdout.write(event.delta.text)
