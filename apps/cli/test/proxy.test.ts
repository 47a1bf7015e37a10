import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const worker = fileURLToPath(new URL('proxy-worker.ts', import.meta.url))

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it.skipIf(!('setGlobalProxyFromEnv' in process.getBuiltinModule('node:http')))(
  'what the program fetches goes through the proxy of the environment',
  async () => {
    const url = await listening(createServer((_request, response) => response.end('direct')))
    const proxy = createServer((_request, response) => response.end('by the proxy'))
    let tunnels = 0
    proxy.on('connect', (_request, client: Socket) => {
      tunnels += 1
      const { port } = new URL(url)
      const target = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        target.pipe(client).pipe(target)
      })
      target.on('error', () => client.destroy())
      client.on('error', () => target.destroy())
    })
    const proxyURL = await listening(proxy)
    const said = async (env: NodeJS.ProcessEnv): Promise<string> => {
      const args = [
        '--conditions=@harnext/source',
        '--disable-warning=ExperimentalWarning',
        worker,
        url,
      ]
      const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 }
      return (await promisify(execFile)(process.execPath, args, options)).stdout
    }
    expect(await said({})).toBe('direct')
    expect(tunnels).toBe(0)
    const through = await said({ HTTP_PROXY: proxyURL })
    expect(through === 'by the proxy' || tunnels === 1).toBe(true)
    const before = tunnels
    expect(await said({ HTTP_PROXY: proxyURL, NO_PROXY: '127.0.0.1' })).toBe('direct')
    expect(tunnels).toBe(before)
  },
  60_000,
)
