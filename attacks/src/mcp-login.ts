import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ConfigError, MCPConnectionError, type JsonObject } from '@harnext/core'
import { McpServers, oauthLogin } from '@harnext/mcp'

const program = fileURLToPath(
  new URL('../../packages/mcp/test/support/authorization-server.mjs', import.meta.url),
)
const redirect = 'http://127.0.0.1:1/callback'

/**
 * A server whose login is not as it has to be: `deny` when the person was sent nowhere that is not a web page, and no code was redeemed;
 * `allow` otherwise.
 */
export async function loginTo(oauth: JsonObject, workspace: string): Promise<string> {
  const { redirect_uri: redirectUrl = redirect, state, ...metadata } = oauth
  const child = spawn(process.execPath, [program, JSON.stringify(metadata)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const paths: string[] = []
  try {
    const url = await new Promise<string>((resolve) => lines.once('line', resolve))
    lines.on('line', (path) => paths.push(path))
    let answer = new URLSearchParams()
    const mcp = new McpServers({
      servers: { s: { url } },
      roots: [workspace],
      login: () =>
        oauthLogin({
          redirectUrl: redirectUrl as string,
          async open(page) {
            const { searchParams } = page
            answer = new URLSearchParams({ code: 'code', state: searchParams.get('state') ?? '' })
            if (state === null) answer.delete('state')
          },
          receive: async () => answer,
        }),
    })
    try {
      await mcp.tools('s')
    } finally {
      await mcp.close()
    }
    return 'allow'
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof MCPConnectionError)) throw error
    return paths.includes('/token') ? 'allow' : 'deny'
  } finally {
    child.kill('SIGKILL')
  }
}
