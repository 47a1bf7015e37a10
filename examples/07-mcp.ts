// MCP servers bring tools, and every one of their calls passes the permissions: here a rule allows one of two.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// The smallest server there can be. Yours would be: { command: 'npx', args: ['-y', 'some-mcp-server'] }, or { url }
const server = join(folder, 'server.mjs')
await writeFile(
  server,
  `import { createInterface } from 'node:readline'
const tool = (name) => ({ name, description: name, inputSchema: { type: 'object' } })
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'clock', version: '1' } }),
  'tools/list': () => ({ tools: [tool('now'), tool('set')] }),
  'tools/call': ({ name }) => ({ content: [{ type: 'text', text: name === 'now' ? 'It is noon.' : 'Set.' }] }),
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

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [[call('1', 'mcp__clock__now'), call('2', 'mcp__clock__set')], 'It is noon, and stays so.'],
  { id: 'anthropic' },
)
const agent = new Harnext({
  provider,
  cwd: folder,
  home: join(folder, '.harnext'),
  mcpServers: { clock: { command: process.execPath, args: [server] } },
  rules: [{ tool: 'mcp__clock__now', decision: 'allow' }],
})
const [clock] = await agent.mcp.servers()
console.log(`${clock?.name}: ${clock?.state}`)

const { steps, text } = await agent.run('What time is it? Then set the clock to midnight.')
for (const { tool, status } of steps) console.log(`- ${tool}: ${status}`)
console.log(text)
// The servers are the client's: they end with it.
await agent.close()
await rm(folder, { recursive: true })

strictEqual(clock?.state, 'connected')
deepStrictEqual(
  steps.map(({ tool, status }) => [tool, status]),
  [
    ['mcp:clock.now', 'ok'],
    // Nobody is there to be asked: an ask is a denial.
    ['mcp:clock.set', 'denied'],
  ],
)
