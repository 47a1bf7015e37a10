// A client for the tests to kill, or to let end: it starts a server, calls it, says so, and does what its second argument says.
import { McpServers, type McpStdioServer } from '../../src/index.ts'

const [server = '{}', end] = process.argv.slice(2)
const mcp = new McpServers({
  servers: { s: JSON.parse(server) as McpStdioServer },
  roots: [process.cwd()],
})
const opened = await mcp.open({
  signal: new AbortController().signal,
  // Only the roots of the options count here.
  workspace: undefined as never,
})
console.log('ready')
if (end === 'stay') await new Promise((resolve) => setTimeout(resolve, 2 ** 30))
if (end === 'leave') await opened.close()
if (end === 'close') await mcp.close()
if (end === 'exit') process.exit(0)
