import { ConfigError, defaultFetch } from '@harnext/core/provider'

export interface AnthropicOptions {
  /** Without it, `headers` must hold an `authorization` or `x-api-key`. Never read from the environment. */
  readonly apiKey?: string
  /** Without `/v1`; a trailing one is taken off. @default 'https://api.anthropic.com' */
  readonly baseURL?: string
  /** The `anthropic-version` of the API. Before 2026-10-21 it takes sampling fields. @default '2026-10-21' */
  readonly version?: string
  /** Sent with every request, as `anthropic-beta` or what a gateway wants. They win over the adapter's own. */
  readonly headers?: Readonly<Record<string, string>>
  /** A call's own comes before it. @default `defaultFetch()` */
  readonly fetch?: typeof fetch
}

export interface Connection {
  readonly baseURL: string
  readonly version: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly apiKey?: string
  readonly fetch: typeof fetch
}

export const newestVersion = '2026-10-21'

/** Throws `ConfigError` when the address is none. */
export function toConnection(options: AnthropicOptions): Connection {
  const { apiKey, baseURL = 'https://api.anthropic.com', version = newestVersion } = options
  if (!URL.canParse(baseURL))
    throw new ConfigError(
      `The baseURL of the Anthropic adapter must be an absolute URL; got ${JSON.stringify(baseURL)}.`,
    )
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = value
  return {
    baseURL: baseURL.replace(/\/+$/, '').replace(/\/v1$/, ''),
    version,
    headers,
    ...(apiKey && { apiKey }),
    fetch: options.fetch ?? defaultFetch(),
  }
}
