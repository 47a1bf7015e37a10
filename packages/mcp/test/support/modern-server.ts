// A server of the newest revision on standard input and output: it refuses clients that begin as older ones do.
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

serveStdio(
  () => {
    const server = new McpServer({ name: 'modern', version: '1' })
    server.registerTool(
      'double',
      { description: 'Doubles', inputSchema: z.object({ n: z.number() }) },
      ({ n }) => ({ content: [{ type: 'text', text: String(2 * n) }] }),
    )
    return server
  },
  { legacy: 'reject' },
)
