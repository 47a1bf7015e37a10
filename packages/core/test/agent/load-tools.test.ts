import { expect, test } from 'vitest'
import { memoryStore, textOf, tool, type ToolMessage } from '../../src/index.ts'
import { call, collect } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

const hidden = stub('deploy', () => 'deployed', {
  loadable: true,
  description: 'Ships it to the cloud.',
})
const skill = tool({
  name: 'review',
  description: 'How to review.',
  parameters: { type: 'object' },
  effects: () => [],
  loadable: 'text',
  execute: () => 'First read, then judge.',
})

test('what is hidden is not sent; once loaded it joins the list at its end, and stays there after a resume', async () => {
  const store = memoryStore()
  const tools = [stub('look', () => 'seen'), hidden, skill]
  const steps = [[call('1', 'load_tools', { names: ['deploy'] })], [call('2', 'deploy')], 'done']
  const { agent, adapter } = agentOf(steps, { tools, store })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const names = adapter.requests.map((request) => request.tools?.map(({ name }) => name))
  expect(names).toEqual([
    ['look', 'load_tools'],
    ['look', 'load_tools', 'deploy'],
    ['look', 'load_tools', 'deploy'],
  ])
  expect(adapter.requests[0]?.tools?.at(-1)?.description).toContain(
    '- deploy: Ships it to the cloud.\n- review: How to review.',
  )
  expect(ofType(events, 'prompt')).toHaveLength(2)
  expect((await run.result).steps.map(({ status }) => status)).toEqual(['ok', 'ok'])
  const again = agentOf(['more'], { tools, store })
  await again.agent.run([], 'on', { session: run.sessionId }).result
  expect(again.adapter.requests[0]?.tools?.map(({ name }) => name)).toEqual([
    'look',
    'load_tools',
    'deploy',
  ])
})

test('what is only text is read at once and changes no list', async () => {
  const { agent, adapter } = agentOf([[call('1', 'load_connectors', { name: 'review' })], 'done'], {
    tools: [skill],
  })
  const { messages } = await agent.run([], 'go').result
  const results = messages.filter((message): message is ToolMessage => message.role === 'tool')
  expect(results.map(({ content }) => textOf(content))).toEqual(['First read, then judge.'])
  expect(adapter.requests[0]?.tools).toEqual(adapter.requests[1]?.tools)
})

test('two loads of one turn both hold; words find what they are about; a name that is not there is an error', async () => {
  const other = stub('rollback', () => 'back', { loadable: true, description: 'Takes it back.' })
  const { agent, adapter } = agentOf(
    [
      [
        call('1', 'load_tools', { query: 'ship cloud' }),
        call('2', 'load_tools', { names: ['rollback'] }),
        call('3', 'load_tools', { names: ['nothing'] }),
        call('4', 'load_tools', {}),
      ],
      'done',
    ],
    { tools: [hidden, other] },
  )
  const { steps } = await agent.run([], 'go').result
  expect(steps.map(({ status }) => status)).toEqual(['ok', 'ok', 'error', 'error'])
  expect(steps[2]?.output).toContain('"nothing". There are: deploy, rollback')
  expect(adapter.requests[1]?.tools?.map(({ name }) => name)).toEqual([
    'load_tools',
    'deploy',
    'rollback',
  ])
})
