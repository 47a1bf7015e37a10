// An MCP server gives the tools, and a file keeps the conversation: the next process goes on where this one ended.
import { deepStrictEqual, match } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, Session, type SessionStore } from '@harnext/compat/openharness'
import type { Message } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// The smallest server there can be. Yours would be: { command: 'npx', args: ['-y', 'some-mcp-server'] }
const server = join(folder, 'server.mjs')
await writeFile(
  server,
  `import { createInterface } from 'node:readline'
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'clock', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'now', description: 'The time', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'It is noon.' }] }),
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {} } = JSON.parse(line)
  if (id === undefined) continue
  const result = results[method]?.(params)
  const answer = result ? { result } : { error: { code: -32601, message: 'Method not found' } }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n')
}
`,
)

const sessionStore: SessionStore = {
  async load(id) {
    const text = await readFile(join(folder, `${id}.json`), 'utf8').catch(() => null)
    return text === null ? null : (JSON.parse(text) as Message[])
  },
  save: (id, messages) => writeFile(join(folder, `${id}.json`), JSON.stringify(messages)),
}

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([[call('1', 'mcp__clock__now')], 'It is noon.', 'I said: noon.'])
const agent = new Agent({
  name: 'clerk',
  model: { adapter, model: 'any' },
  mcpServers: { clock: { command: process.execPath, args: [server] } },
})

let told = ''
for (const question of ['What time is it?', 'What did you say?']) {
  // As a new process would do it.
  const session = new Session({ agent, sessionStore, sessionId: 'today' })
  await session.load()
  for await (const event of session.send(question)) {
    if (event.type === 'tool.done') told = event.output
    if (event.type === 'text.delta') process.stdout.write(event.text)
  }
  console.log()
}
// Ends the server too.
await agent.close()

const kept = JSON.parse(await readFile(join(folder, 'today.json'), 'utf8')) as Message[]
await rm(folder, { recursive: true })

match(told, /It is noon\./)
deepStrictEqual(
  kept.map(({ role }) => role),
  ['user', 'assistant', 'tool', 'assistant', 'user', 'assistant'],
)
