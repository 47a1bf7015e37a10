import { pathToFileURL } from 'node:url'
import { MCPConnectionError, messageOf, visible, type Command } from '@harnext/core'
import type {
  Client,
  ClientOptions,
  Prompt,
  Tool as SdkTool,
  Transport,
} from '@modelcontextprotocol/client'
import { httpAttempts, stdioAttempt, type Attempt, type Sdk } from './attempts.ts'
import { answerElicitation, type OnElicitation } from './elicitation.ts'
import { expanded, type Environment } from './expand.ts'
import type { McpLogin } from './login.ts'
import { isStdio, type McpOAuth, type McpSandbox, type McpServerConfig } from './server-config.ts'
import { StdioTransport } from './stdio-transport.ts'

export type McpToolDefinition = SdkTool
export type McpPromptDefinition = Prompt

/** What runs a program held, and is told when it has ended. Throws where that cannot be. */
export type HoldServer = (
  command: Command,
  settings: McpSandbox & { readonly env: { readonly [name: string]: string } },
) => Promise<{ readonly command: Command; release(): Promise<void> }>

export interface ConnectionOptions {
  readonly name: string
  readonly config: McpServerConfig
  readonly version: string
  readonly env: Environment
  /** Absolute folders; the first is the working directory. */
  readonly roots: readonly string[]
  readonly onElicitation?: OnElicitation
  readonly hold?: HoldServer
  /** Tells the readers of the runs that hold the server. */
  readonly onWarning: (message: string) => void
  /** `url`: as it is called, with what the environment gave. */
  readonly login?: (url: string, oauth: McpOAuth) => McpLogin | undefined
  /** Something of the server's lists is not what it was. */
  onChanged(list: 'tools' | 'prompts' | 'resources'): void
  onClosed(): void
}

/** A server that has answered. */
export interface Connection {
  readonly client: Client
  readonly transport: 'stdio' | 'http' | 'sse'
  /** Why it ended, for a sentence; empty while nothing is known. */
  problem(): string
  /** Logs the person in, where an error says that the server wants it and somebody is there. Resolves to whether it was done. */
  authorize(error: unknown, signal: AbortSignal): Promise<boolean>
  /** Nothing is asked of it for now: it must not keep this process alive. */
  rest(): Promise<void>
  wake(): void
  close(): Promise<void>
}

/** For the first answer, and for what a server has. */
export const startTimeoutMs = 30_000
/** A server whose list has no end is left. */
const mostPages = 1000

/** Starts or calls the server and waits until it has answered. Throws `MCPConnectionError`. */
export async function connect(
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { name, config } = options
  try {
    const sdk = await import('@modelcontextprotocol/client')
    const ready = expanded(config, options.env)
    signal.throwIfAborted()
    if (isStdio(ready)) {
      const eras = ['legacy', 'auto'] as const
      const attempts = eras.map((era) => stdioAttempt(sdk, options, ready, era))
      return await firstThatAnswers(sdk, { ...options, login: undefined }, attempts, signal)
    }
    const login = options.login?.(ready.url, ready.oauth ?? {})
    const attempts = httpAttempts(sdk, login, ready)
    return await firstThatAnswers(sdk, { ...options, login }, attempts, signal)
  } catch (error) {
    throw unusable(name, error)
  }
}

/** Whatever went wrong with a server, as the error of it. */
export function unusable(name: string, error: unknown): MCPConnectionError {
  if (error instanceof MCPConnectionError) return error
  const reason = visible(reasonOf(error)).slice(0, 2000)
  return new MCPConnectionError(name, `The MCP server ${name} cannot be used: ${reason}`, {
    cause: error,
  })
}

/** What was thrown, and what it came from in the end: that `fetch` failed says little. */
function reasonOf(error: unknown): string {
  let last: unknown = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  const [told, root] = [messageOf(error), messageOf(last)]
  return root === '' || told.includes(root) ? told : `${told} (${root})`
}

/** With the login of one server at one address. */
type Reaching = Omit<ConnectionOptions, 'login'> & { readonly login: McpLogin | undefined }

async function firstThatAnswers(
  sdk: Sdk,
  options: Reaching,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<Connection> {
  const timeout = options.config.startTimeout ?? startTimeoutMs
  let last: unknown
  const queue = [...attempts]
  for (let attempt = queue.shift(), logins = 0; attempt;) {
    const transport = attempt.make()
    const client = newClient(sdk, options, attempt.era)
    try {
      await client.connect(transport, { timeout, signal })
      return connected(sdk, options, attempt.kind, client, transport)
    } catch (error) {
      const isLoggedIn =
        logins++ === 0 && (await finishLogin(sdk, options, transport, error, signal))
      await client.close()
      await transport.close()
      last = failureOf(sdk, error, transport, timeout)
      if (isLoggedIn) continue
      if (signal.aborted || !attempt.isWorthAnother(error)) break
      attempt = queue.shift()
    }
  }
  throw last
}

/** What went wrong with an attempt, in words of its own where the program or the time limit says more than the error. */
function failureOf(sdk: Sdk, error: unknown, transport: Transport, timeout: number): unknown {
  const program = transport instanceof StdioTransport ? transport : undefined
  if (isTimeout(error))
    return new Error(`it has not answered within ${timeout} ms${program?.said ?? ''}`)
  if (!program || !program.pid) return error
  const isAnswer = error instanceof sdk.ProtocolError
  const text = isAnswer ? `${messageOf(error)}${program.said}` : program.problem
  return new Error(text, { cause: error })
}

/** Of the SDK, for a request without an answer. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'REQUEST_TIMEOUT'
}

/** The person was sent to agree: waits until they have. */
async function finishLogin(
  sdk: Sdk,
  { login }: Reaching,
  transport: Transport,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(error instanceof sdk.UnauthorizedError) || !login?.answer) return false
  if (
    !(transport instanceof sdk.StreamableHTTPClientTransport) &&
    !(transport instanceof sdk.SSEClientTransport)
  )
    return false
  await transport.finishAuth(await login.answer(signal))
  return true
}

function newClient(sdk: Sdk, options: Reaching, era: Attempt['era']): Client {
  const { name, onElicitation, onWarning: warn, roots } = options
  const refresh = (list: 'tools' | 'prompts' | 'resources') => ({
    autoRefresh: false,
    debounceMs: 0,
    onChanged: () => options.onChanged(list),
  })
  const settings: ClientOptions = {
    capabilities: {
      roots: {},
      ...(onElicitation && { elicitation: { form: { applyDefaults: true }, url: {} } }),
    },
    versionNegotiation: { mode: era },
    listMaxPages: mostPages,
    listChanged: {
      tools: refresh('tools'),
      prompts: refresh('prompts'),
      resources: refresh('resources'),
    },
  }
  const client = new sdk.Client({ name: 'harnext', version: options.version }, settings)
  // The folders of the workspace and nothing else of this machine.
  client.setRequestHandler('roots/list', () => ({
    roots: roots.map((root) => ({ uri: pathToFileURL(root).href })),
  }))
  if (onElicitation)
    client.setRequestHandler('elicitation/create', (request, { mcpReq }) =>
      answerElicitation(name, request.params, { ask: onElicitation, warn, signal: mcpReq.signal }),
    )
  return client
}

function connected(
  sdk: Sdk,
  options: Reaching,
  kind: Connection['transport'],
  client: Client,
  transport: Transport,
): Connection {
  const program = transport instanceof StdioTransport ? transport : undefined
  let closed = false
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK has no other way
  client.onclose = () => {
    closed = true
    options.onClosed()
  }
  const close = async (): Promise<void> => {
    if (!closed) await client.close()
    await transport.close()
  }
  return {
    client,
    transport: kind,
    problem: () => program?.problem ?? 'the connection was closed',
    authorize: (error, signal) => finishLogin(sdk, options, transport, error, signal),
    // An open stream of events would keep the process alive; the next call opens another connection.
    rest: async () => (program ? program.unref() : close()),
    wake: () => program?.ref(),
    close,
  }
}
