import type { Command } from '@harnext/core'
import { expect, test } from 'vitest'
import { scenario, serversOf, stepsOf } from './support/world.ts'

test('a server that says so is held, by what is given for it, until it ends', async () => {
  const held: { command: Command; settings: object }[] = []
  let released = 0
  const server = { ...scenario({ tools: [{ name: 't' }] }), env: { TOKEN: 'x' } }
  const mcp = await serversOf(
    { s: { ...server, sandbox: { network: { allow: ['a.org'] } } }, free: server },
    {
      async hold(command, settings) {
        held.push({ command, settings })
        const args = ['HELD=1', command.program, ...command.args]
        return {
          command: { ...command, program: '/usr/bin/env', args },
          release: async () => void released++,
        }
      },
    },
  )
  expect(await stepsOf(mcp, [['mcp__s__t'], ['mcp__free__t']])).toMatchObject([
    { status: 'ok' },
    { status: 'ok' },
  ])
  expect(held).toEqual([
    {
      command: expect.objectContaining({ program: server.command, args: server.args }),
      settings: { network: { allow: ['a.org'] }, env: { TOKEN: 'x' } },
    },
  ])
  expect(released).toBe(0)
  await mcp.close()
  expect(released).toBe(1)
})

test('where nothing holds it, it is not started', async () => {
  const server = { ...scenario({ tools: [{ name: 't' }] }), sandbox: true }
  const mcp = await serversOf({ s: server })
  expect(await mcp.servers()).toMatchObject([
    { state: 'failed', error: expect.stringContaining('nothing here holds one') },
  ])
  await expect(serversOf({ s: { ...server, sandbox: 'yes' as never } })).rejects.toThrow(
    'must have true, false or { network } as its sandbox; got "yes"',
  )
})
