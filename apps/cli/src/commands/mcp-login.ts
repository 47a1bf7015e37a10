import { HarnextError } from '@harnext/core'
import {
  McpServers,
  fileLogin,
  loopbackReceiver,
  mcpLogins,
  oauthLogin,
  type StoredLogin,
} from '@harnext/sdk/settings'
import type { McpLoginCommand } from '../command.ts'
import { cancelledExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { styleFor } from '../render/style.ts'
import { plural } from '../render/units.ts'
import { visibleExactly } from '../render/visible.ts'
import type { Screen } from '../screen.ts'
import { homeOf } from '../sessions.ts'
import { UsageError } from '../usage-error.ts'
import { mcpOptions } from './mcp.ts'

/**
 * Logs the person in to a server at an address, and keeps that where runs find it. What was kept before stays until they have agreed.
 * Throws `UsageError`, `ConfigError` for a name that none has, and `MCPConnectionError`.
 */
export async function logIn(command: McpLoginCommand, io: Io, screen: Screen): Promise<number> {
  const { server } = command
  const options = mcpOptions(command, io, screen)
  if ('command' in (options.servers[server] ?? {}))
    throw new UsageError(
      `The MCP server ${server} is a program on this machine: there is nothing to log in to.`,
    )
  const style = styleFor(io.stderr, io.env)
  const { redirectUrl, receive, close } = await loopbackReceiver()
  const gained: { login: StoredLogin; url: string } = { login: {}, url: '' }
  const login = oauthLogin({
    redirectUrl,
    receive,
    store: { get: async () => gained.login, set: async (kept) => void (gained.login = kept) },
    async open({ href }) {
      const text = `Open this address in a browser to log in to ${style.bold(server)}:\n${visibleExactly(href)}\n`
      screen.write([{ to: 'stderr', text }])
    },
  })
  const servers = new McpServers({
    ...options,
    login(_name, url) {
      gained.url = url
      return login
    },
  })
  const { signal, stop } = untilSignal(io)
  try {
    const tools = await servers.tools(server, signal)
    const found = plural(tools.length, 'tool')
    if (!gained.login.tokens) return say(`${server} wants no login: it gives ${found}.`, screen)
    await fileLogin(mcpLogins(homeOf(io)), gained.url).set(gained.login)
    return say(`Logged in to ${server}: it gives ${found}.`, screen)
  } catch (error) {
    if (!signal.aborted) throw error
    screen.write([{ to: 'stderr', text: '\nThe login was cancelled.\n' }])
    return cancelledExit
  } finally {
    stop()
    await servers.close()
    await close()
  }
}

/** Throws `UsageError` for a server without an address. */
export async function logOut(command: McpLoginCommand, io: Io, screen: Screen): Promise<number> {
  const { server } = command
  const options = mcpOptions(command, io, screen)
  const servers = new McpServers(options)
  const url = servers.address(server)
  if (url === undefined)
    throw new UsageError(`The MCP server ${server} has no address: there is no login to forget.`)
  const wasThere = await fileLogin(mcpLogins(homeOf(io)), url).remove()
  return say(wasThere ? `Forgot the login to ${server}.` : `No login to ${server} is kept.`, screen)
}

function say(text: string, screen: Screen): number {
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}

/** Aborted by the first signal. */
function untilSignal(io: Io): { readonly signal: AbortSignal; stop(): void } {
  const aborter = new AbortController()
  const abort = (): void =>
    aborter.abort(new HarnextError('The login was cancelled.', { code: 'cancelled' }))
  const stops = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((each) => io.onSignal(each, abort))
  return {
    signal: aborter.signal,
    stop() {
      for (const stop of stops) stop()
    },
  }
}
