import { ConfigError, defaultFetch } from '@harnext/core/provider'

export interface OpenAIOptions {
  /** Without it, `headers` must hold an `authorization` or `api-key`. Never read from the environment. */
  readonly apiKey?: string
  /** With its version, as `/v1`; it may have a query. @default 'https://api.openai.com/v1' */
  readonly baseURL?: string
  /** Sent with every request, as `openai-project` or what a gateway wants. They win over the adapter's own. */
  readonly headers?: Readonly<Record<string, string>>
  /** A call's own comes before it. @default `defaultFetch()` */
  readonly fetch?: typeof fetch
}

export interface Connection {
  /** As in a sentence: `OpenAI`. */
  readonly name: string
  readonly baseURL: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether a call without a key fails before it is sent. */
  readonly needsKey: boolean
  readonly apiKey?: string
  readonly fetch: typeof fetch
}

export interface Vendor {
  readonly name: string
  readonly needsKey: boolean
  /** Where the options give none. */
  readonly baseURL: string
}

/** Throws `ConfigError` when the address is none. */
export function toConnection(vendor: Vendor, options: OpenAIOptions): Connection {
  const { name, needsKey } = vendor
  const { apiKey, baseURL = vendor.baseURL } = options
  if (!URL.canParse(baseURL))
    throw new ConfigError(
      `The baseURL of the ${name} adapter must be an absolute URL; got ${JSON.stringify(baseURL)}.`,
    )
  const headers: Record<string, string> = {}
  for (const [key, value] of Object.entries(options.headers ?? {}))
    headers[key.toLowerCase()] = value
  return {
    name,
    baseURL: baseURL.replace(/\/+$/, ''),
    headers,
    needsKey,
    ...(apiKey && { apiKey }),
    fetch: options.fetch ?? defaultFetch(),
  }
}
