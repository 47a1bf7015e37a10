import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { authority, serve, serveProxy, serveSecurely } from './server.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))

/** What a process with this environment gets from the address. */
async function fetched(url: string, env: NodeJS.ProcessEnv, how: string[] = []): Promise<object> {
  const args = ['--disable-warning=ExperimentalWarning', worker, url, ...how]
  const { PATH } = process.env
  const options = { env: { PATH, ...env }, timeout: 60_000 }
  return JSON.parse((await promisify(execFile)(process.execPath, args, options)).stdout) as object
}

it('is the lean one where nothing else is wanted', async () => {
  const { url } = await serve((_request, response) => response.end('ok'))
  expect(await fetched(url, {})).toEqual({ isLean: true, text: 'ok' })
})

it('is the platform’s where that was replaced, or has a dispatcher', async () => {
  const { url } = await serve((_request, response) => response.end('ok'))
  expect(await fetched(url, {}, ['replaced'])).toEqual({ isLean: false, text: 'replaced' })
  const failed = { failed: 'fetch failed', cause: 'by the dispatcher' }
  expect(await fetched(url, {}, ['dispatcher'])).toMatchObject(failed)
})

it('trusts the authorities of NODE_EXTRA_CA_CERTS, and no others', async () => {
  const { url } = await serveSecurely((_request, response) => response.end('ok'))
  const env = { NODE_EXTRA_CA_CERTS: authority }
  expect(await fetched(url, env)).toEqual({ isLean: true, text: 'ok' })
  const cause: unknown = expect.stringContaining('unable to verify the first certificate')
  expect(await fetched(url, {})).toEqual({ failed: 'fetch failed', cause })
})

it.each(['HTTPS_PROXY', 'https_proxy'])('goes through the proxy of %s', async (name) => {
  const { url } = await serveSecurely((_request, response) => response.end('ok'))
  const proxy = await serveProxy()
  const env = { NODE_EXTRA_CA_CERTS: authority, NODE_USE_ENV_PROXY: '1', [name]: proxy.url }
  expect(await fetched(url, env)).toEqual({ isLean: false, text: 'ok' })
  expect(proxy.tunnels).toEqual([new URL(url).host])
  expect(await fetched(url, { ...env, NO_PROXY: '127.0.0.1' })).toMatchObject({ text: 'ok' })
  expect(proxy.tunnels.length).toBe(1)
})

it('leaves it to the platform whether a proxy is for an address', async () => {
  const { url } = await serve((_request, response) => response.end('ok'))
  for (const name of ['ALL_PROXY', 'http_proxy'])
    expect(await fetched(url, { [name]: 'http://127.0.0.1:1' })).toEqual({
      isLean: false,
      text: 'ok',
    })
})
