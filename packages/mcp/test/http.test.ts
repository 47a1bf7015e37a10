import { spawn } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  McpServer,
  acceptedContent,
  createMcpHandler,
  inputRequired,
} from '@modelcontextprotocol/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { program, scenario, serversOf, stepsOf, until } from './support/world.ts'

vi.setConfig({ testTimeout: 30_000 })

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The protocol's own server of the older era. */
async function everything(transport: 'streamableHttp' | 'sse'): Promise<number> {
  const port = await freePort()
  const child = spawn(process.execPath, [program('server-everything'), transport], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await until(() =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  )
  return port
}

function modern() {
  const server = new McpServer({ name: 'modern', version: '1' })
  const inputSchema = z.object({ n: z.number() })
  server.registerTool('double', { description: 'Doubles', inputSchema }, ({ n }) => ({
    content: [{ type: 'text', text: String(2 * n) }],
  }))
  return server
}

test('a server of the newest revision, over HTTP', async () => {
  const url = await listening(toNodeHandler(createMcpHandler(modern)) as RequestListener)
  const mcp = await serversOf({ s: { url } })
  expect(await stepsOf(mcp, [['mcp__s__double', { n: 21 }]])).toMatchObject([{ output: '42' }])
  expect(await mcp.servers()).toMatchObject([{ transport: 'http', protocol: '2026-07-28' }])
})

test('a server of the newest revision, on standard input and output', async () => {
  const file = fileURLToPath(new URL('support/modern-server.ts', import.meta.url))
  const mcp = await serversOf({ s: { command: process.execPath, args: [file] } })
  expect(await stepsOf(mcp, [['mcp__s__double', { n: 4 }]])).toMatchObject([{ output: '8' }])
  expect(await mcp.servers()).toMatchObject([{ transport: 'stdio', protocol: '2026-07-28' }])
})

test('a server of the older era, over HTTP', async () => {
  const mcp = await serversOf({
    s: { url: `http://127.0.0.1:${await everything('streamableHttp')}/mcp` },
  })
  const steps = await stepsOf(mcp, [['mcp__s__echo', { message: 'a' }]])
  expect(steps).toMatchObject([{ output: 'Echo: a' }])
  // The next run has a connection of its own.
  expect(await stepsOf(mcp, [['mcp__s__echo', { message: 'b' }]])).toMatchObject([
    { output: 'Echo: b' },
  ])
  expect(await mcp.servers()).toMatchObject([{ transport: 'http', protocol: '2025-11-25' }])
})

test.each([{ type: 'sse' } as const, {}])(
  'a server with the transport of 2024, with %j',
  async (given) => {
    const url = `http://127.0.0.1:${await everything('sse')}/sse`
    const mcp = await serversOf({ s: { url, ...given } })
    const steps = await stepsOf(mcp, [['mcp__s__echo', { message: 'a' }]])
    expect(steps).toMatchObject([{ output: 'Echo: a' }])
    expect(await mcp.servers()).toMatchObject([{ transport: 'sse' }])
  },
)

test('headers are sent, and their variables come from the environment', async () => {
  const seen: (string | undefined)[] = []
  const handler = toNodeHandler(createMcpHandler(modern)) as RequestListener
  const url = await listening((request, response) => {
    seen.push(request.headers.authorization)
    handler(request, response)
  })
  const headers = { Authorization: 'Bearer ${SECRET_OF_TEST}' }
  const mcp = await serversOf({ s: { url, headers } }, { env: { SECRET_OF_TEST: 'abc' } })
  await mcp.tools('s')
  expect(new Set(seen)).toEqual(new Set(['Bearer abc']))
})

test.each([
  ['http://127.0.0.1:1/mcp', 'Version negotiation probe failed: fetch failed ('],
  ['file:///etc/passwd', 'its url must begin with http:// or https://'],
  ['nonsense', 'Invalid URL'],
])('%s cannot be used', async (url, reason) => {
  const mcp = await serversOf({ s: { url } })
  await expect(mcp.tools('s')).rejects.toThrow(`The MCP server s cannot be used: ${reason}`)
})

test('a variable that is not set is told, and no other server suffers', async () => {
  const mcp = await serversOf({
    s: { url: 'http://127.0.0.1/${NOT_SET_ANYWHERE}' },
    t: scenario({ tools: [{ name: 'x' }] }),
  })
  expect(await mcp.servers()).toMatchObject([
    { state: 'failed', error: expect.stringContaining('NOT_SET_ANYWHERE is not set') },
    { state: 'connected' },
  ])
})

test('a server of the newest revision asks the person by its answer, and is asked again with theirs', async () => {
  const requestedSchema = z.object({ name: z.string() })
  const url = await listening(
    toNodeHandler(
      createMcpHandler(() => {
        const server = new McpServer({ name: 'modern', version: '1' })
        server.registerTool('greet', { description: 'Greets' }, ({ mcpReq }) => {
          const said = acceptedContent(mcpReq.inputResponses, 'who', requestedSchema)
          if (said) return { content: [{ type: 'text', text: `Hello ${said.name}` }] }
          const who = inputRequired.elicit({ message: 'Who are you?', requestedSchema })
          return inputRequired({ inputRequests: { who } })
        })
        return server
      }),
    ) as RequestListener,
  )
  const asked: string[] = []
  const mcp = await serversOf(
    { modern: { url } },
    {
      onElicitation: async ({ server, message }) => {
        asked.push(`${server}: ${message}`)
        return { action: 'accept', content: { name: 'Ada' } }
      },
    },
  )
  expect(await stepsOf(mcp, [['mcp__modern__greet']])).toMatchObject([{ output: 'Hello Ada' }])
  expect(asked).toEqual(['modern: Who are you?'])
})
