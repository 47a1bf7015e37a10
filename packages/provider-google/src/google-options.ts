import { ConfigError, defaultFetch } from '@harnext/core/provider'

export interface GoogleOptions {
  /** Without it, `headers` must hold an `x-goog-api-key` or `authorization`, or `vertex` an access token. Never read from the environment. */
  readonly apiKey?: string
  /** Without the version. @default 'https://generativelanguage.googleapis.com', or the address of the location at Vertex */
  readonly baseURL?: string
  /** @default 'v1beta'; at Vertex 'v1beta1' */
  readonly apiVersion?: string
  /** Calls the models of a Google Cloud project instead of the Gemini API. */
  readonly vertex?: VertexOptions
  /** `openapi`: for endpoints that do not know JSON Schema yet. Tools and output are then described in the older, smaller language. @default 'json' */
  readonly schema?: 'json' | 'openapi'
  /** Sent with every request. They win over the adapter's own. */
  readonly headers?: Readonly<Record<string, string>>
  /** A call's own comes before it. @default `defaultFetch()` */
  readonly fetch?: typeof fetch
}

export interface VertexOptions {
  readonly project: string
  /** `global`, `us`, `europe-west4` … */
  readonly location: string
  /** Asked before every call; it caches. As `() => auth.getAccessToken()` of google-auth-library. */
  readonly accessToken: () => string | Promise<string>
}

export interface Connection {
  readonly baseURL: string
  /** With the project and its location, at Vertex. */
  readonly apiVersion: string
  /** For what belongs to no project. */
  readonly plainVersion: string
  readonly isVertex: boolean
  readonly schema: 'json' | 'openapi'
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly apiKey?: string
  readonly accessToken?: () => string | Promise<string>
  readonly fetch: typeof fetch
}

/** Throws `ConfigError` when an address or a name is none. */
export function toConnection(options: GoogleOptions): Connection {
  const { apiKey, vertex, schema = 'json' } = options
  const plainVersion = options.apiVersion ?? (vertex ? 'v1beta1' : 'v1beta')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = value
  return {
    baseURL: toBaseURL(options, plainVersion),
    apiVersion: vertex
      ? `${plainVersion}/projects/${checked('project', vertex.project)}/locations/${checked('location', vertex.location)}`
      : plainVersion,
    plainVersion,
    isVertex: vertex !== undefined,
    schema,
    headers,
    ...(apiKey && { apiKey }),
    ...(vertex && { accessToken: vertex.accessToken }),
    fetch: options.fetch ?? defaultFetch(),
  }
}

function toBaseURL({ baseURL, vertex }: GoogleOptions, version: string): string {
  if (baseURL === undefined) return vertex ? vertexURL(vertex.location) : geminiURL
  if (!URL.canParse(baseURL))
    throw new ConfigError(
      `The baseURL of the Google adapter must be an absolute URL; got ${JSON.stringify(baseURL)}.`,
    )
  const address = baseURL.replace(/\/+$/, '')
  return address.endsWith(`/${version}`) ? address.slice(0, -version.length - 1) : address
}

const geminiURL = 'https://generativelanguage.googleapis.com'

function vertexURL(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu')
    return `https://aiplatform.${location}.rep.googleapis.com`
  return `https://${checked('location', location)}-aiplatform.googleapis.com`
}

/** They become a part of the address. */
function checked(name: string, value: string): string {
  if (/^[a-z0-9.:-]+$/i.test(value)) return value
  throw new ConfigError(
    `vertex.${name} of the Google adapter must be a name of letters, digits, dots and dashes; got ${JSON.stringify(value)}.`,
  )
}
