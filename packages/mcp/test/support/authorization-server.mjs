// An MCP server that wants a login, and the authorization server for it, in one. Its first argument is a JSON object: what its metadata
// says otherwise; its second one, what tokens.mjs does otherwise. It prints its address, then a line for each request.
import { createServer } from 'node:http'
import { tokens } from './tokens.mjs'

const changed = JSON.parse(process.argv[2] ?? '{}')
const issued = tokens(JSON.parse(process.argv[3] ?? '{}'))

const server = createServer((request, response) => {
  const base = `http://127.0.0.1:${server.address().port}`
  const { pathname, searchParams } = new URL(request.url, base)
  console.log(pathname)
  const send = (status, body, headers = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))
  let text = ''
  request.on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    if (pathname.startsWith('/.well-known/oauth-protected-resource'))
      return send(200, { resource: `${base}/mcp`, authorization_servers: [base] })
    if (pathname.startsWith('/.well-known/oauth-authorization-server'))
      return send(200, {
        issuer: base,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        ...(issued.registers && { registration_endpoint: `${base}/register` }),
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        ...changed,
      })
    if (pathname === '/register') return send(201, { ...JSON.parse(text), client_id: 'client' })
    if (pathname === '/authorize') {
      const back = new URL(searchParams.get('redirect_uri'))
      back.searchParams.set('code', 'code')
      back.searchParams.set('state', searchParams.get('state'))
      return response.writeHead(302, { location: back.href }).end()
    }
    if (pathname === '/token') return issued.answer(text, request.headers, send)
    if (pathname === '/expire') return send(200, issued.expire())
    if (pathname !== '/mcp') return send(404, {})
    if (!issued.accepts(request.headers.authorization)) {
      const metadata = `${base}/.well-known/oauth-protected-resource/mcp`
      return send(401, {}, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` })
    }
    if (request.method !== 'POST') return send(405, {})
    return answer(JSON.parse(text), send, response)
  })
})

function answer({ id, method, params }, send, response) {
  const reply = (result) => send(200, { jsonrpc: '2.0', id, result })
  if (id === undefined) return response.writeHead(202).end()
  if (method === 'initialize')
    return reply({
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'guarded', version: '1' },
    })
  if (method === 'tools/list')
    return reply({ tools: [{ name: 'secret', inputSchema: { type: 'object' } }] })
  if (method === 'tools/call') return reply({ content: [{ type: 'text', text: 'open sesame' }] })
  return send(200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } })
}

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`))
