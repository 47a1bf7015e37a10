import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Turn, Vendor } from './turn.ts'

export interface VendorServer {
  readonly url: string
  /** Requests for an answer, in order. */
  readonly requests: readonly VendorRequest[]
}
export interface VendorRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Plays the vendor on a free port of this machine: one turn of the script an answer, 404 for all else. It is gone after the test. */
export async function vendorServer(vendor: Vendor, script: readonly Turn[]): Promise<VendorServer> {
  const requests: VendorRequest[] = []
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
    incoming.on('end', () => {
      if (incoming.url === vendor.facts?.path) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(vendor.facts?.body))
        return
      }
      const index = requests.length
      const turn = script[index]
      if (incoming.method !== 'POST' || incoming.url !== vendor.path || !turn) {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"unknown"}')
        return
      }
      requests.push({ headers: incoming.headers, body })
      response.writeHead(200, { 'content-type': vendor.contentType })
      response.end(vendor.encode(turn, index))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests }
}
