import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Loopback {
  readonly url: string
  /** Connections that were made. */
  readonly sockets: readonly Socket[]
}

/** A server on a free port of this machine, which is gone after the test. */
export async function serve(listener: RequestListener): Promise<Loopback> {
  return listening(createServer(listener), 'http')
}

/** With a certificate that only `authority` vouches for. */
export async function serveSecurely(listener: RequestListener): Promise<Loopback> {
  const [key, cert] = ['server-key.pem', 'server.pem'].map((name) =>
    readFileSync(certificate(name)),
  )
  return listening(createSecureServer({ key, cert }, listener), 'https')
}

export const authority: string = certificate('authority.pem')

function certificate(name: string): string {
  return fileURLToPath(new URL(`certificates/${name}`, import.meta.url))
}

async function listening(server: Server, protocol: string): Promise<Loopback> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `${protocol}://127.0.0.1:${port}`, sockets }
}

/** A proxy that makes tunnels, with the addresses that it was asked for. */
export async function serveProxy(): Promise<Loopback & { readonly tunnels: readonly string[] }> {
  const tunnels: string[] = []
  const server = createServer()
  server.on('connect', ({ url = '' }, client: Socket) => {
    tunnels.push(url)
    const target = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    target.on('error', () => client.destroy())
    client.on('error', () => target.destroy())
  })
  return { ...(await listening(server, 'http')), tunnels }
}
