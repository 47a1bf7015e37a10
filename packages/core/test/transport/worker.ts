import { defaultFetch } from '../../src/transport/default-fetch.ts'

// `worker.ts <url> [dispatcher | replaced]`: sends one request and says what came, as a process with an environment of its own.

const [url = '', how] = process.argv.slice(2)
const send = defaultFetch()
if (how === 'replaced') globalThis.fetch = async () => new Response('replaced')
if (how === 'dispatcher') {
  class ProxyAgent {
    dispatch(): never {
      throw new Error('by the dispatcher')
    }
  }
  const key = Symbol.for('undici.globalDispatcher.1')
  Object.defineProperty(globalThis, key, { value: new ProxyAgent() })
}
try {
  const response = await send(url, { method: 'POST', body: 'x', headers: { authorization: 'k' } })
  const isLean = !(response instanceof Response)
  console.log(JSON.stringify({ isLean, text: await response.text() }))
} catch (error) {
  const { message, cause } = error as Error
  console.log(JSON.stringify({ failed: message, cause: cause instanceof Error && cause.message }))
}
