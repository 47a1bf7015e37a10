import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { call, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Harnext, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

async function client(steps: readonly ScriptedStep[], options: HarnextOptions) {
  const home = await temporary()
  const adapter = scripted(steps)
  const cwd = await temporary()
  const agent = new Harnext({ provider: adapter, model: 'm', cwd, home, env: {}, ...options })
  const names = () => adapter.requests.at(-1)?.tools?.map(({ name }) => name)
  return { agent, home, names }
}

test('the model asks the person where there is one, and has no such tool where there is none', async () => {
  const args = { question: 'Which?', options: ['a', 'b'] }
  const steps = [[call('1', 'AskUser', args)], 'Done.']
  const asked: unknown[] = []
  const { agent, names } = await client(steps, {
    permissionMode: 'plan',
    onQuestion: async (question) => {
      asked.push(question)
      return 'b'
    },
  })
  const { steps: done } = await agent.run('go')
  expect(done[0]).toMatchObject({ status: 'ok', output: 'The user answered: b' })
  expect(asked).toEqual([args])
  expect(names()).toContain('ask_user')

  for (const tools of [undefined, ['read', 'ask_user']]) {
    const alone = await client(['Done.'], tools ? { tools } : {})
    await alone.agent.run('go')
    expect(alone.names()).toContain('read')
    expect(alone.names()).not.toContain('ask_user')
  }
})

test('a question ends with its run', async () => {
  const steps = [[call('1', 'ask_user', { question: 'Which?' })], 'Done.']
  const aborter = new AbortController()
  const { agent } = await client(steps, {
    onQuestion: (_question, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        aborter.abort()
      }),
  })
  expect(await agent.run('go', { signal: aborter.signal })).toMatchObject({ cancelled: true })
})

test('notes are there by name alone, and for the next sessions in the same folder', async () => {
  const listed = await client(['Done.'], {})
  await listed.agent.run('go')
  expect(listed.names()).not.toContain('memory')

  const write = { command: 'create', path: 'MEMORY.md', text: 'Tabs.' }
  const steps = [
    [call('1', 'memory', write)],
    'Done.',
    [call('2', 'memory', { command: 'view', path: 'MEMORY.md' })],
    'Done.',
  ]
  const { agent, home } = await client(steps, { tools: ['memory'] })
  expect((await agent.run('go')).steps[0]).toMatchObject({ status: 'ok' })
  expect((await agent.run('go')).steps[0]).toMatchObject({ status: 'ok', output: 'Tabs.' })
  const [project = ''] = await readdir(path.join(home, 'projects'))
  expect(project).toMatch(/^[0-9a-f]{12}$/)
  expect(await readFile(path.join(home, 'projects', project, 'memory/MEMORY.md'), 'utf8')).toBe(
    'Tabs.',
  )
})
