import { isJsonObject, type Json } from '@harnext/core'

export interface SearchQuery {
  readonly query: string
  /** Domains, with their subdomains. */
  readonly only: readonly string[]
  readonly without: readonly string[]
  readonly count: number
}

export interface Found {
  readonly title: string
  readonly url: string
  readonly text: string
}

export interface SearchService {
  readonly name: 'tavily' | 'searxng' | 'serper' | 'brave'
  /** The variable with its key; absent: it needs none. */
  readonly key?: string
  /** The variable with its address; absent: it has one. */
  readonly address?: string
  readonly base?: string
  /** Pure. */
  request(base: URL, apiKey: string, query: SearchQuery): { readonly url: URL } & RequestInit
  read(answer: unknown): readonly Found[]
}

/** In the order in which they are taken. */
export const searchServices: readonly SearchService[] = [
  {
    name: 'tavily',
    key: 'TAVILY_API_KEY',
    base: 'https://api.tavily.com',
    request: (base, apiKey, { query, only, without, count }) =>
      post(
        base,
        'search',
        { Authorization: `Bearer ${apiKey}` },
        {
          query,
          max_results: count,
          ...(only.length && { include_domains: only }),
          ...(without.length && { exclude_domains: without }),
        },
      ),
    read: (answer) => rows(answer, 'results', ['title', 'url', 'content']),
  },
  {
    name: 'searxng',
    address: 'SEARXNG_URL',
    request(base, _apiKey, query) {
      const url = below(base, 'search')
      url.searchParams.set('q', withSites(query))
      url.searchParams.set('format', 'json')
      return { url }
    },
    read: (answer) => rows(answer, 'results', ['title', 'url', 'content']),
  },
  {
    name: 'serper',
    key: 'SERPER_API_KEY',
    base: 'https://google.serper.dev',
    request: (base, apiKey, query) =>
      post(base, 'search', { 'X-API-KEY': apiKey }, { q: withSites(query), num: query.count }),
    read: (answer) => rows(answer, 'organic', ['title', 'link', 'snippet']),
  },
  {
    name: 'brave',
    key: 'BRAVE_API_KEY',
    base: 'https://api.search.brave.com',
    request(base, apiKey, query) {
      const url = below(base, 'res/v1/web/search')
      url.searchParams.set('q', withSites(query))
      url.searchParams.set('count', String(query.count))
      return { url, headers: { 'X-Subscription-Token': apiKey, Accept: 'application/json' } }
    },
    read: (answer) =>
      rows(isObject(answer) ? answer['web'] : null, 'results', ['title', 'url', 'description']),
  },
]

function post(
  base: URL,
  path: string,
  headers: { readonly [name: string]: string },
  body: Json,
): { readonly url: URL } & RequestInit {
  return {
    url: below(base, path),
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
}

/** A base may have a path of its own. */
function below(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith('/') ? base.href : `${base.href}/`)
}

/** As the large search engines write it. */
function withSites({ query, only, without }: SearchQuery): string {
  const sites = only.map((domain) => `site:${domain}`).join(' OR ')
  return [
    query,
    ...(sites ? [only.length > 1 ? `(${sites})` : sites] : []),
    ...without.map((domain) => `-site:${domain}`),
  ].join(' ')
}

function rows(
  answer: unknown,
  list: string,
  [title, url, text]: readonly [string, string, string],
): readonly Found[] {
  const found = isObject(answer) ? answer[list] : null
  if (!Array.isArray(found)) return []
  return found.flatMap((row: unknown) => {
    if (!isObject(row) || typeof row[url] !== 'string') return []
    return [{ title: words(row[title]), url: row[url], text: words(row[text]) }]
  })
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return isJsonObject(value)
}

function words(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
