import { HarnextError } from '@harnext/core'
import {
  McpServers,
  fileLogin,
  loopbackReceiver,
  mcpLogins,
  oauthLogin,
  registeredClient,
  type McpOAuth,
  type StoredLogin,
} from '@harnext/sdk/settings'
import type { McpLoginCommand, McpLogoutCommand } from '../command.ts'
import { cancelledExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { isInteractive } from '../is-interactive.ts'
import { openBrowser } from '../open-browser.ts'
import { styleFor } from '../render/style.ts'
import { plural } from '../render/units.ts'
import { visibleExactly } from '../render/visible.ts'
import type { Screen } from '../screen.ts'
import { homeOf } from '../sessions.ts'
import { UsageError } from '../usage-error.ts'
import { mcpOptionsFor } from './mcp.ts'

/**
 * Logs the person in to a server at an address, and keeps that where runs find it. What was kept before stays until they have agreed.
 * Throws `UsageError`, `ConfigError` for a name that none has, and `MCPConnectionError`.
 */
export async function logIn(command: McpLoginCommand, io: Io, screen: Screen): Promise<number> {
  const { server } = command
  const options = mcpOptionsFor(command, io, screen)
  const config = options.servers[server]
  if (config && 'command' in config)
    throw new UsageError(
      `The MCP server ${server} is a program on this machine: there is nothing to log in to.`,
    )
  const receiver = await loopbackReceiver(config?.oauth?.callbackPort)
  const { redirectUrl, expectState, receive } = receiver
  const { signal, stop } = untilSignal(io)
  const gained: { login: StoredLogin; url: string } = { login: {}, url: '' }
  const servers = new McpServers({
    ...options,
    login(_name, url, oauth) {
      gained.url = url
      const client = registeredClient(clientFor(command, oauth))
      return oauthLogin({
        redirectUrl,
        expectState,
        receive,
        clientHint: 'with --client-id, or as oauth.clientId of its configuration',
        store: { get: async () => gained.login, set: async (kept) => void (gained.login = kept) },
        open: async ({ href }) => show(href, command, { io, screen, signal }),
        ...(client && { client }),
      })
    },
  })
  try {
    const tools = await servers.tools(server, signal)
    const found = plural(tools.length, 'tool')
    if (!gained.login.tokens) return say(`${server} wants no login: it gives ${found}.`, screen)
    const kept = fileLogin(mcpLogins(homeOf(io)), gained.url)
    await kept.exclusively(() => kept.set(gained.login))
    return say(`Logged in to ${server}: it gives ${found}.`, screen)
  } catch (error) {
    if (!signal.aborted) throw error
    screen.write([{ to: 'stderr', text: '\nThe login was cancelled.\n' }])
    return cancelledExit
  } finally {
    stop()
    await servers.close()
    await receiver.close()
  }
}

/** The secret of the configuration is that of its client. */
function clientFor({ clientId }: McpLoginCommand, configured: McpOAuth): McpOAuth {
  return clientId === undefined || clientId === configured.clientId ? configured : { clientId }
}

/** Says where to agree, and opens it where somebody sits: whether that works or not, the address can be opened by hand. */
function show(
  href: string,
  { server, noBrowser }: McpLoginCommand,
  {
    io,
    screen,
    signal,
  }: { readonly io: Io; readonly screen: Screen; readonly signal: AbortSignal },
): void {
  const style = styleFor(io.stderr, io.env)
  const text = `Open this address in a browser to log in to ${style.bold(server)}:\n${visibleExactly(href)}\n`
  screen.write([{ to: 'stderr', text }])
  if (noBrowser || !isInteractive(io)) return
  void openBrowser(href, io, signal).then((problem) => {
    if (problem === undefined || signal.aborted) return
    const said = style.dim(`The browser could not be opened: ${visibleExactly(problem)}`)
    screen.write([{ to: 'stderr', text: `${said}\n` }])
  })
}

/** Throws `UsageError` for a server without an address. */
export async function logOut(command: McpLogoutCommand, io: Io, screen: Screen): Promise<number> {
  const { server } = command
  const options = mcpOptionsFor(command, io, screen)
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
