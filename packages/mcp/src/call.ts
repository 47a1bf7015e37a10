import {
  HarnextError,
  ToolError,
  isJsonObject,
  messageOf,
  visible,
  type JsonObject,
  type ToolContext,
} from '@harnext/core'
import type { CallToolResult, Progress } from '@modelcontextprotocol/client'
import type { Connection, McpToolDefinition } from './connection.ts'
import type { McpServer } from './server.ts'

const defaultTimeoutMs = 120_000

/** Calls a tool of a server. Throws `ToolError` when the server cannot answer, and code `timeout` when it does not. */
export async function callTool(
  server: McpServer,
  definition: McpToolDefinition,
  args: JsonObject,
  context: Pick<ToolContext, 'signal' | 'progress'>,
): Promise<CallToolResult> {
  const { signal, progress } = context
  return ask(server, signal, ({ client }, options) =>
    client.callTool(
      { name: definition.name, arguments: { ...args } },
      {
        ...options,
        toolDefinition: definition,
        resetTimeoutOnProgress: true,
        onprogress: (update) => progress(progressOf(update)),
      },
    ),
  )
}

/** What every request to a server shares: the connection, the time limit, the signal, and what failing means. */
export async function ask<T>(
  server: McpServer,
  signal: AbortSignal,
  request: (
    connection: Connection,
    options: { readonly signal: AbortSignal; readonly timeout: number },
  ) => Promise<T>,
): Promise<T> {
  const connection = await server.connected(signal)
  const timeout = server.config.timeout ?? defaultTimeoutMs
  // A signal of this request alone: one of a whole run would gather the listeners of all.
  const aborter = new AbortController()
  const onAbort = (): void => aborter.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const attempt = (): Promise<T> => request(connection, { signal: aborter.signal, timeout })
  try {
    return await attempt().catch(async (error: unknown) => {
      if (await connection.authorize(error, aborter.signal)) return attempt()
      throw error
    })
  } catch (error) {
    signal.throwIfAborted()
    throw failure(server, connection, error, timeout)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function failure(
  server: McpServer,
  connection: Connection,
  error: unknown,
  timeout: number,
): HarnextError {
  const code =
    isJsonObject(error) || error instanceof Error ? (error as { code?: unknown }).code : ''
  const told = `The MCP server ${server.name}`
  if (code === 'REQUEST_TIMEOUT')
    return new HarnextError(`${told} has not answered within ${timeout} ms.`, { code: 'timeout' })
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
