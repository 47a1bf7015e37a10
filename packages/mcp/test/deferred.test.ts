import { Agent } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { scenario, serversOf } from './support/world.ts'

test('deferred tools are out of sight until they are loaded, by a name or by words', async () => {
  const tools = [
    { name: 'send_mail', description: 'Sends a mail' },
    { name: 'read_mail', description: 'Reads mails' },
    { name: 'weather', description: 'Tells the weather' },
  ]
  const mcp = await serversOf({ s: { ...scenario({ tools }), mode: 'deferred' } })
  const adapter = scripted([
    [call('1', 'load_tools', { query: 'weather' })],
    [call('2', 'mcp__s__weather', { city: 'Paris' })],
    [call('3', 'load_tools', { names: ['mcp__s__send_mail', 'mcp__s__weather'] })],
    'done',
  ])
  const agent = new Agent({
    name: 'test',
    adapter,
    model: 'm',
    permissionMode: 'bypass',
    toolSources: [mcp],
  })
  const { steps } = await agent.run([], 'go').result
  const seen = adapter.requests.map(({ tools: given = [] }) => given.map(({ name }) => name))
  expect(seen).toEqual([
    ['load_tools'],
    ['load_tools', 'mcp__s__weather'],
    ['load_tools', 'mcp__s__weather'],
    ['load_tools', 'mcp__s__weather', 'mcp__s__send_mail'],
  ])
  expect(steps.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    'load_tools ok',
    'mcp:s.weather ok',
    'load_tools ok',
  ])
  const [first] = adapter.requests
  expect(first?.tools?.[0]?.description).toContain('- mcp__s__send_mail: Sends a mail')
})
