import { once } from 'node:events'
import { createServer } from 'node:http'
import { apis } from './apis/all.mjs'
import { turnOf } from './apis/wire.mjs'
import { reply } from './reply.mjs'
import { scriptOf } from './script.mjs'

/**
 * A model without latency: it answers at once what the script in the address says. Any number of runs may use it side by side.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startServer() {
  const server = createServer((request, response) => {
    const found = request.method === 'POST' ? scriptOf(request.url ?? '') : null
    const api = found && apis.find(({ path }) => path.test(found.path))
    /** @type {Buffer[]} */
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (!api) return refuse(response, request)
      const pieces = reply(api, found.script, turnOf(chunks))
      answer(response, api.contentType, pieces).catch((error) => response.destroy(error))
    })
  })
  server.keepAliveTimeout = 120_000
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} contentType
 * @param {Iterable<Buffer>} pieces
 */
async function answer(response, contentType, pieces) {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache',
    'request-id': 'req_1',
  })
  // An answer of one piece goes out in one write.
  /** @type {Buffer} */
  let last = Buffer.alloc(0)
  for (const piece of pieces) {
    if (last.length > 0 && !response.write(last)) await once(response, 'drain')
    // The reader left.
    if (response.destroyed) return
    last = piece
  }
  response.end(last)
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {import('node:http').IncomingMessage} request
 */
function refuse(response, { method, url }) {
  const message = `The server knows POST /script/<script>/<path of an API>; got ${method} ${url}.`
  response.writeHead(404, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ type: 'error', error: { type: 'not_found_error', message } }))
}
