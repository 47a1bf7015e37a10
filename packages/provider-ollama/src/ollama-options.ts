import { ConfigError, defaultFetch } from '@harnext/core/provider'

export interface OllamaOptions {
  /** Without `/api`. @default 'http://127.0.0.1:11434' */
  readonly baseURL?: string
  /**
   * Tokens of context that a model gets, as `num_ctx`. Without it each model is asked for its own length, of which 65,536 are used
   * at most: what it holds more takes the machine's memory whether it is used or not.
   */
  readonly contextLength?: number
  /** Sent with every request, as the `authorization` of a hosted server. They win over the adapter's own. */
  readonly headers?: Readonly<Record<string, string>>
  /** A call's own comes before it. @default `defaultFetch()` */
  readonly fetch?: typeof fetch
}

export interface Connection {
  readonly baseURL: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly contextLength?: number
  readonly fetch: typeof fetch
}

/** Throws `ConfigError` when the address is none, or the length no number of tokens. */
export function toConnection(options: OllamaOptions): Connection {
  const { baseURL = 'http://127.0.0.1:11434', contextLength } = options
  // Ollama's own tools take a host and a port alone.
  const address = baseURL.includes('://') ? baseURL : `http://${baseURL}`
  if (!/^https?:/.test(address) || !URL.canParse(address))
    throw new ConfigError(
      `The baseURL of the Ollama adapter must be an address over HTTP; got ${JSON.stringify(baseURL)}.`,
    )
  if (contextLength !== undefined && !(Number.isInteger(contextLength) && contextLength > 0))
    throw new ConfigError(
      `The contextLength of the Ollama adapter must be a positive whole number; got ${contextLength}.`,
    )
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = value
  return {
    baseURL: address.replace(/\/+$/, '').replace(/\/(api|v1)$/, ''),
    headers,
    ...(contextLength !== undefined && { contextLength }),
    fetch: options.fetch ?? defaultFetch(),
  }
}
