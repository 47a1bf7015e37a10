import {
  ConfigError,
  MCPConnectionError,
  nearest,
  visible,
  type JsonObject,
  type Message,
  type OpenTools,
  type Tool,
  type ToolSource,
  type ToolSourceContext,
  type UserPart,
} from '@harnext/core'
import { ask } from './call.ts'
import { unusable, type HoldServer } from './connection.ts'
import type { OnElicitation } from './elicitation.ts'
import { expanded, type Environment } from './expand.ts'
import type { McpLogin } from './login.ts'
import { serverIds } from './names.ts'
import { memoryPins, type PinStore } from './pins.ts'
import { promptMessages, type McpPrompt } from './prompts.ts'
import { proxyTool } from './proxy-tool.ts'
import { resourceTools } from './resource-tools.ts'
import { isStdio, parseMcpServers, type McpOAuth, type McpServerConfigs } from './server-config.ts'
import { McpServer } from './server.ts'
import { asConfigured, whatItIs, type McpServerStatus } from './status.ts'
import { toTools } from './tools.ts'

export interface McpOptions {
  readonly servers: McpServerConfigs
  /** Absolute folders: the first is where programs run, all of them are what servers are told of this machine. */
  readonly roots: readonly string[]
  /** For `${NAME}` in configurations, and for programs, less what holds keys. @default process.env */
  readonly env?: Environment
  /** @default kept in memory */
  readonly pins?: PinStore
  /** Where a server was configured, as the path of a folder: it keeps the pins of two projects apart. */
  readonly scopeOf?: (server: string) => string
  /** Answers what servers want to know from the person. Absent: they cannot ask. */
  readonly onElicitation?: OnElicitation
  /** How to log in to a server at an address, which is as it is called. Absent: only with the headers that it is given. */
  readonly login?: (server: string, url: string, oauth: McpOAuth) => McpLogin | undefined
  /** Holds the programs of servers that say `sandbox`. Absent: those cannot be started. */
  readonly hold?: HoldServer
  /** Of the client, as it tells servers. */
  readonly version?: string
}

/**
 * MCP servers, as a source of tools. Nothing is started before a run needs it; runs share what is started, and `close` ends it. While
 * nobody runs, servers do not keep the process alive. Throws `ConfigError` for a configuration that makes no sense.
 *
 * @example
 * const mcp = new McpServers({ servers: { docs: { command: 'docs-server' } }, roots: [process.cwd()] })
 * const agent = new Agent({ name: 'helper', adapter, model, toolSources: [mcp] })
 */
export class McpServers implements ToolSource {
  readonly #servers: readonly McpServer[]
  readonly #options: McpOptions
  readonly #pins: PinStore
  /** What the readers of the runs that are under way are to be told. */
  readonly #told = new Set<string[]>()

  constructor(options: McpOptions) {
    const configs = parseMcpServers(options.servers, 'mcpServers')
    const ids = serverIds(Object.keys(configs))
    const { env = process.env, roots, version = '0', onElicitation, login, hold } = options
    this.#options = options
    this.#pins = options.pins ?? memoryPins()
    const onWarning = (message: string): void => {
      for (const told of this.#told) told.push(message)
    }
    this.#servers = Object.entries(configs).map(
      ([name, config]) =>
        new McpServer({
          name,
          id: ids.get(name) ?? name,
          config,
          env,
          roots,
          version,
          onWarning,
          ...(onElicitation && { onElicitation }),
          ...(hold && { hold }),
          ...(login && { login: (url, oauth) => login(name, url, oauth) }),
        }),
    )
  }

  /**
   * Starts the servers and gives their tools to one run. A server that cannot be reached is a warning; one that is required throws its
   * `MCPConnectionError`.
   */
  async open({ signal }: ToolSourceContext): Promise<OpenTools> {
    const used = this.#used()
    for (const server of used) server.hold()
    const told: string[] = []
    this.#told.add(told)
    const close = async (): Promise<void> => {
      this.#told.delete(told)
      await Promise.all(used.map((server) => server.release()))
    }
    try {
      const started = await Promise.all(used.map((server) => this.#start(server, signal)))
      const reached = used.filter((_, index) => started[index]?.error === undefined)
      const tools = [...started.flatMap((one) => one.tools), ...resourceTools(reached)]
      const warnings = started.flatMap((one) => one.warnings).map(toWarning)
      return {
        tools,
        warnings,
        takeWarnings: () => told.splice(0).map(toWarning),
        expand: (text) => this.#expand(text, signal),
        close,
      }
    } catch (error) {
      await close()
      throw error
    }
  }

  /** Starts every server, and says what became of it. */
  async servers(
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly McpServerStatus[]> {
    return Promise.all(this.#servers.map((server) => this.#status(server, signal)))
  }

  /** The tools of one server as a model gets them. Throws `ConfigError` for a name that none has, `MCPConnectionError` when it cannot be reached. */
  async tools(
    name: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly Tool[]> {
    const server = this.#find(name)
    return this.#holding(server, async () => (await this.#toolsOf(server, signal)).tools)
  }

  /** What one server says of its tools, as it says it: for a program that shows them, not for a model. Throws as `tools` does. */
  async definitions(
    name: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly JsonObject[]> {
    const server = this.#find(name)
    const definitions = await this.#holding(server, () => server.tools(signal))
    return definitions as unknown as readonly JsonObject[]
  }

  /** The prompts of all servers that can be reached. */
  async prompts(signal: AbortSignal = new AbortController().signal): Promise<readonly McpPrompt[]> {
    const lists = await Promise.all(
      this.#used().map((server) =>
        this.#holding(server, async () => {
          const prompts = await server.prompts(signal)
          return prompts.map(({ name, title, description, arguments: args = [] }) => ({
            command: `mcp__${server.id}__${name}`,
            server: server.name,
            name,
            description: visible(description ?? title ?? name),
            arguments: args.map(
              ({ name: argument, description: about = '', required = false }) => ({
                name: argument,
                description: visible(about),
                required,
              }),
            ),
          }))
        }).catch((error: unknown) => {
          if (error instanceof MCPConnectionError && server.config.required !== true) return []
          throw error
        }),
      ),
    )
    return lists.flat()
  }

  /**
   * What a prompt of a server says, to begin a run with. `command` is `mcp__server__prompt`, also with a `/` before it; `text` is what
   * stands behind it: `name=value` pairs, or the values in order, the last one to the end of the text.
   */
  async prompt(
    command: string,
    text = '',
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly Message[]> {
    const wanted = command.replace(/^\//, '')
    const all = await this.prompts(signal)
    const found = all.find((each) => each.command === wanted)
    if (!found) {
      const near = nearest(
        wanted,
        all.map((each) => each.command),
      )
      throw new ConfigError(
        `There is no prompt ${JSON.stringify(wanted)}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      )
    }
    const server = this.#find(found.server)
    return this.#holding(server, () =>
      ask(server, signal, async ({ client }, options) =>
        promptMessages(client, found, text, options),
      ),
    )
  }

  /** What a text says that begins with the name of a prompt; `undefined` for any other. Throws as `prompt` does. */
  async #expand(text: string, signal: AbortSignal): Promise<readonly UserPart[] | undefined> {
    const [, command, rest] = /^\s*\/(mcp__\S+)\s*(.*)$/s.exec(text) ?? []
    if (command === undefined) return undefined
    if (!this.#used().some(({ id }) => command.startsWith(`mcp__${id}__`))) return undefined
    const messages = await this.prompt(command, rest, signal)
    return messages.flatMap((message) => (message.role === 'user' ? message.content : []))
  }

  /** Where a server is called, with what the environment gave; `undefined` for a program. Throws `ConfigError` for a name that none has. */
  address(name: string): string | undefined {
    const { config } = this.#find(name)
    const ready = expanded(config, this.#options.env ?? process.env)
    return isStdio(ready) ? undefined : ready.url
  }

  /** Ends all servers and what they started. A run that is under way loses them. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #used(): readonly McpServer[] {
    return this.#servers.filter(({ config }) => config.disabled !== true)
  }

  #find(name: string): McpServer {
    const found = this.#servers.find((server) => server.name === name)
    if (found) return found
    const names = this.#servers.map((server) => server.name)
    const near = nearest(name, names)
    if (names.length === 0)
      throw new ConfigError(`There is no MCP server ${JSON.stringify(name)}: none is configured.`)
    const hint = near === undefined ? `They are ${names.join(', ')}.` : `Did you mean ${near}?`
    throw new ConfigError(`There is no MCP server ${JSON.stringify(name)}. ${hint}`)
  }

  async #holding<T>(server: McpServer, work: () => Promise<T>): Promise<T> {
    server.hold()
    try {
      return await work()
    } finally {
      await server.release()
    }
  }

  async #toolsOf(server: McpServer, signal: AbortSignal) {
    const definitions = await server.tools(signal)
    return toTools(server, definitions, this.#pins, this.#options.scopeOf?.(server.name) ?? '')
  }

  async #start(server: McpServer, signal: AbortSignal): Promise<Started> {
    try {
      const found = await this.#toolsOf(server, signal)
      const tools = server.config.mode === 'proxy' ? [proxyTool(server, found)] : found.tools
      return { tools, warnings: found.warnings }
    } catch (error) {
      const failure = unusable(server.name, error)
      if (server.config.required === true || signal.aborted) throw failure
      return {
        tools: [],
        warnings: [`${failure.message} The run goes on without its tools.`],
        error: failure,
      }
    }
  }

  async #status(server: McpServer, signal: AbortSignal): Promise<McpServerStatus> {
    const about = asConfigured(server)
    if (about.state === 'disabled') return about
    try {
      return await this.#holding(server, async () => {
        const { tools } = await this.#toolsOf(server, signal)
        return { ...about, ...whatItIs(await server.connected(signal)), tools: tools.length }
      })
    } catch (error) {
      return { ...about, state: 'failed', error: unusable(server.name, error).message }
    }
  }
}

interface Started {
  readonly tools: readonly Tool[]
  readonly warnings: readonly string[]
  readonly error?: MCPConnectionError
}

function toWarning(message: string): { readonly code: string; readonly message: string } {
  return { code: 'mcp', message }
}
