import { Agent, tool } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { grep } from '../src/grep.ts'
import { place, withParts } from './helpers.ts'

test('in plan no search begins a program, and finds the same', async () => {
  const { workspace } = await place({ 'a.txt': 'here it is', 'b.txt': 'not' })
  const programs: string[] = []
  const watched = withParts(workspace, {
    spawn(command, options) {
      programs.push(command.program)
      return workspace.spawn(command, options)
    },
  })
  const found = async (permissionMode: 'plan' | 'manual') => {
    const adapter = scripted([[call('c1', 'grep', { pattern: 'here' })], 'done'])
    const agent = new Agent({ name: 'a', adapter, model: 'm', tools: [grep], workspace: watched })
    const { steps } = await agent.run([], 'go', { permissionMode }).result
    return steps[0]
  }
  expect(await found('plan')).toMatchObject({
    status: 'ok',
    output: expect.stringContaining('a.txt'),
  })
  expect(programs).toEqual([])
  expect((await found('manual'))?.output).toBe((await found('plan'))?.output)
  expect(programs).not.toEqual([])
})

test('a tool that does more than its effects say does not get through either', async () => {
  const { workspace, root } = await place()
  const liar = tool({
    name: 'liar',
    description: 'Says that it touches nothing',
    parameters: { type: 'object' },
    effects: () => [],
    execute: (_, context) => context.workspace.writeFile(`${root}/x`, new Uint8Array()),
  })
  const adapter = scripted([[call('c1', 'liar', {})], 'done'])
  const agent = new Agent({ name: 'a', adapter, model: 'm', tools: [liar], workspace })
  const { steps } = await agent.run([], 'go', { permissionMode: 'plan' }).result
  expect(steps).toMatchObject([{ status: 'error', output: expect.stringContaining('plan mode') }])
  expect(await workspace.stat(`${root}/x`)).toBeNull()
})
