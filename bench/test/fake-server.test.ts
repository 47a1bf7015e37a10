import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contestants, providers } from '../contestants/all.mjs'
import { toolCallId, turnOf } from '../fake-server/apis/wire.mjs'
import { scriptOf, scriptURL } from '../fake-server/script.mjs'
import { startServer } from '../fake-server/server.mjs'

const all = Object.entries(contestants).flatMap(([name, load]) =>
  providers.map((provider) => [name, provider, load] as const),
)
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe.each(all)('%s of %s', (_name, provider, load) => {
  it('does the turns of the script', async () => {
    const makeLoop = await load(provider)
    const calls: unknown[] = []
    const loop = makeLoop({
      baseURL: scriptURL(server.url, { turns: 3, text: 'that is all' }),
      async execute(args) {
        calls.push(args)
        return 'x'.repeat(100_000)
      },
    })
    expect(await loop.run('go')).toBe('that is all')
    expect(calls).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
    await loop.close()
  })

  it('passes the deltas on', async () => {
    const makeLoop = await load(provider)
    let characters = 0
    const loop = makeLoop({
      baseURL: scriptURL(server.url, { deltas: 1000, batch: 64 }),
      execute: async () => '',
      onText: (text) => (characters += text.length),
    })
    expect((await loop.run('go')).length).toBe(5000)
    expect(characters).toBe(5000)
    await loop.close()
  })
})

describe('the server', () => {
  it('knows nothing but scripts', async () => {
    const response = await fetch(`${server.url}/v1/messages`, { method: 'POST' })
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('got POST /v1/messages.')
  })

  it('reads the turn off the last call in the body, wherever the network cut it', () => {
    const body = Buffer.from(`… ${toolCallId(7)} … ${toolCallId(12)} …`)
    expect(turnOf([])).toBe(0)
    expect(turnOf([Buffer.from('{}')])).toBe(0)
    for (let at = 0; at <= body.length; at++)
      expect(turnOf([body.subarray(0, at), body.subarray(at)])).toBe(13)
  })

  it('reads back the script of an address', () => {
    const { pathname } = new URL(
      `${scriptURL('http://x', { turns: 2, text: 'a/b &=' })}/v1/messages`,
    )
    expect(scriptOf(`${pathname}?query`)).toEqual({
      script: { turns: 2, tool: 'noop', text: 'a/b &=', deltas: 0, batch: 64 },
      path: '/v1/messages',
    })
    expect(scriptOf('/v1/messages')).toBeNull()
  })
})
