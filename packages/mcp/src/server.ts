import { MCPConnectionError } from '@harnext/core'
import {
  connect,
  isTimeout,
  startTimeoutMs,
  type Connection,
  type ConnectionOptions,
  type McpPromptDefinition,
  type McpToolDefinition,
} from './connection.ts'
import type { McpServerConfig } from './server-config.ts'

export interface ServerOptions extends Omit<ConnectionOptions, 'onChanged' | 'onClosed'> {
  /** As it stands in names of tools. */
  readonly id: string
}

interface Connecting {
  readonly work: Promise<Connection>
  readonly aborter: AbortController
}

const mostAttempts = 3

/** One server: started when something is asked of it, once for all who ask, and started again when it has ended. */
export class McpServer {
  readonly name: string
  readonly id: string
  readonly config: McpServerConfig
  readonly #options: ServerOptions
  #connection: Connection | undefined
  #connecting: Connecting | undefined
  #tools: Promise<readonly McpToolDefinition[]> | undefined
  #holders = 0
  #failures = 0
  #asking = 0
  #problem = ''

  constructor(options: ServerOptions) {
    this.name = options.name
    this.id = options.id
    this.config = options.config
    this.#options = options
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** The person is being asked something for it. */
  get isAsking(): boolean {
    return this.#asking > 0
  }

  /** While somebody holds it, it keeps running; what failed before is tried again. */
  hold(): void {
    this.#holders += 1
    this.#failures = 0
    this.#connection?.wake()
  }

  async release(): Promise<void> {
    this.#holders -= 1
    if (this.#holders > 0) return
    this.#connecting?.aborter.abort()
    await this.#connection?.rest()
  }

  async close(): Promise<void> {
    this.#connecting?.aborter.abort()
    await this.#connecting?.work.catch(() => {})
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }

  /** Throws `MCPConnectionError`, or the signal's reason. */
  async connected(signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted()
    if (this.#connection) return this.#connection
    if (this.#failures >= mostAttempts)
      throw new MCPConnectionError(
        this.name,
        `The MCP server ${this.name} could not be started ${mostAttempts} times; it is left alone in this run. ${this.#problem}`,
      )
    return unlessAborted((this.#connecting ??= this.#connect()).work, signal)
  }

  /** What the server offers now, in the order of names. */
  async tools(signal: AbortSignal): Promise<readonly McpToolDefinition[]> {
    const { client } = await this.connected(signal)
    const options = { timeout: this.#listTimeoutMs, cacheMode: 'refresh' } as const
    this.#tools ??= client.listTools(undefined, options).then(
      ({ tools }) => tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      (error: unknown) => {
        throw this.#listFailure('tools', error)
      },
    )
    const listing = this.#tools
    listing.catch(() => {
      if (this.#tools === listing) this.#tools = undefined
    })
    return unlessAborted(listing, signal)
  }

  async prompts(signal: AbortSignal): Promise<readonly McpPromptDefinition[]> {
    const { client } = await this.connected(signal)
    if (!client.getServerCapabilities()?.prompts) return []
    const options = { signal, timeout: this.#listTimeoutMs }
    const { prompts } = await client.listPrompts(undefined, options).catch((error: unknown) => {
      throw this.#listFailure('prompts', error)
    })
    return prompts
  }

  get #listTimeoutMs(): number {
    return this.config.startTimeout ?? startTimeoutMs
  }

  #listFailure(list: string, error: unknown): unknown {
    if (!isTimeout(error)) return error
    return new MCPConnectionError(
      this.name,
      `The MCP server ${this.name} has not said which ${list} it has within ${this.#listTimeoutMs} ms.`,
      { cause: error },
    )
  }

  /** Why the last connection ended, as part of a sentence. */
  get problem(): string {
    return this.#problem
  }

  #elicitation(): Pick<ConnectionOptions, 'onElicitation'> {
    const { onElicitation } = this.#options
    if (!onElicitation) return {}
    return {
      onElicitation: async (request, options) => {
        this.#asking += 1
        try {
          return await onElicitation(request, options)
        } finally {
          this.#asking -= 1
        }
      },
    }
  }

  #connect(): Connecting {
    const aborter = new AbortController()
    let opened: Connection | undefined
    const work = connect(
      {
        ...this.#options,
        ...this.#elicitation(),
        onChanged: (list) => {
          if (list === 'tools') this.#tools = undefined
        },
        onClosed: () => {
          this.#problem = opened?.problem() ?? ''
          this.#tools = undefined
          if (this.#connection === opened) this.#connection = undefined
        },
      },
      aborter.signal,
    ).then(
      (connection) => {
        opened = connection
        this.#connection = connection
        this.#connecting = undefined
        this.#failures = 0
        return connection
      },
      (error: unknown) => {
        this.#connecting = undefined
        this.#failures += 1
        this.#problem = error instanceof Error ? error.message : ''
        throw error
      },
    )
    // Whoever waits sees it; a waiter that left must not bring the process down.
    work.catch(() => {})
    return { work, aborter }
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
