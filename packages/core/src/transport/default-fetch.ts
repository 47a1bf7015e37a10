import { nodeFetch } from './node-fetch.ts'

/** As it was before anybody replaced it. */
const platformFetch: unknown = globalThis.fetch

/**
 * What an adapter sends with where neither its options nor a call give a `fetch`: `nodeFetch` in Node, else the platform's. The
 * platform's too where requests are to take another way: where it was replaced, has a dispatcher of the user's, or where the
 * environment names a proxy, which only the platform knows how to read. That is all that is read from the environment.
 */
export function defaultFetch(): typeof fetch {
  let lean: typeof fetch | null | undefined
  return (input, init) => {
    lean ??= isPlainNode() ? nodeFetch() : null
    const isPlatform = lean === null || globalThis.fetch !== platformFetch || hasDispatcher()
    return (isPlatform ? globalThis.fetch : (lean as typeof fetch))(input, init)
  }
}

const proxies = ['http_proxy', 'https_proxy', 'all_proxy']

/** Others than Node have a client of their own that is faster than the one they have for Node's sake. */
function isPlainNode(): boolean {
  if (!('process' in globalThis) || 'Bun' in globalThis || 'Deno' in globalThis) return false
  if (typeof process.getBuiltinModule !== 'function') return false
  return !proxies.some((name) => process.env[name] || process.env[name.toUpperCase()])
}

/** One that its author set for all requests, as for a proxy or in a test; Node's own is an `Agent`. */
function hasDispatcher(): boolean {
  const dispatcher = (globalThis as { [key: symbol]: object | undefined })[dispatcherKey]
  return dispatcher !== undefined && dispatcher.constructor.name !== 'Agent'
}

const dispatcherKey = Symbol.for('undici.globalDispatcher.1')
