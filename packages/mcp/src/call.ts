import {
  HarnextError,
  ToolError,
  messageOf,
  visible,
  type JsonObject,
  type ToolContext,
} from '@harnext/core'
import type { CallToolResult, Progress } from '@modelcontextprotocol/client'
import type { Connection, McpToolDefinition } from './connection.ts'
import type { McpServer } from './server.ts'
import { timeLimit } from './time-limit.ts'

const defaultTimeoutMs = 120_000
/** The most that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Calls a tool of a server. Throws `ToolError` when the server cannot answer, and code `timeout` when it does not. */
export async function callTool(
  server: McpServer,
  definition: McpToolDefinition,
  args: JsonObject,
  context: Pick<ToolContext, 'signal' | 'progress'>,
): Promise<CallToolResult> {
  const { signal, progress } = context
  return ask(server, signal, ({ client }, options, restart) =>
    client.callTool(
      { name: definition.name, arguments: { ...args } },
      {
        ...options,
        toolDefinition: definition,
        onprogress: (update) => {
          restart()
          progress(progressOf(update))
        },
      },
    ),
  )
}

/**
 * What every request to a server shares: the connection, the time limit, the signal, and what failing means. `restart` begins the time
 * limit anew; while the person is asked something for the server, it does not end.
 */
export async function ask<T>(
  server: McpServer,
  signal: AbortSignal,
  request: (
    connection: Connection,
    options: { readonly signal: AbortSignal; readonly timeout: number },
    restart: () => void,
  ) => Promise<T>,
): Promise<T> {
  const connection = await server.connected(signal)
  const timeout = server.config.timeout ?? defaultTimeoutMs
  // A signal of this request alone: one of a whole run would gather the listeners of all.
  const aborter = new AbortController()
  const onAbort = (): void => aborter.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const limit = timeLimit(
    timeout,
    () => server.isAsking,
    () => aborter.abort(tooLong(server, timeout)),
  )
  const options = { signal: aborter.signal, timeout: LONGEST_TIMER_MS }
  const attempt = (): Promise<T> => request(connection, options, limit.restart)
  try {
    return await attempt().catch(async (error: unknown) => {
      if (await connection.authorize(error, aborter.signal)) return attempt()
      throw error
    })
  } catch (error) {
    signal.throwIfAborted()
    throw failure(server, connection, aborter.signal.aborted ? aborter.signal.reason : error)
  } finally {
    limit.close()
    signal.removeEventListener('abort', onAbort)
  }
}

function tooLong(server: McpServer, timeout: number): HarnextError {
  return new HarnextError(`The MCP server ${server.name} has not answered within ${timeout} ms.`, {
    code: 'timeout',
  })
}

function failure(server: McpServer, connection: Connection, error: unknown): HarnextError {
  const told = `The MCP server ${server.name}`
  // Ours: of the time limit, or of what was asked for.
  if (HarnextError.is(error)) return error
  if (server.connection !== connection)
    return new ToolError(
      server.name,
      `${told} ended before it answered: ${server.problem}. Whether the call took effect is unknown. The next call starts it again.`,
      { cause: error },
    )
  const reason = visible(messageOf(error)).slice(0, 4000)
  return new ToolError(server.name, `${told} answered with an error: ${reason}`, { cause: error })
}

function progressOf({ progress, total, message }: Progress): JsonObject {
  return {
    progress,
    ...(total !== undefined && { total }),
    ...(message !== undefined && { message: visible(message).slice(0, 1000) }),
  }
}
