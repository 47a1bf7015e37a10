import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, textOf, type RunEvent } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { edit } from '../src/edit.ts'
import { read } from '../src/read.ts'
import { write } from '../src/write.ts'
import { place } from './helpers.ts'

type Answer = string | ReturnType<typeof call>[] | Promise<string | ReturnType<typeof call>[]>

/** Subagents side by side, one for each name; what each says follows from what it was told last. */
async function together(
  names: readonly string[],
  answer: (agent: string, said: string) => Answer,
  files: { readonly [path: string]: string },
) {
  const { root, workspace } = await place(files)
  const adapter = scripted(
    Array.from({ length: 60 }, () => async ({ messages }) => {
      const asked = textOf(messages.find(({ role }) => role === 'user')?.content ?? [])
      const said = textOf(messages.at(-1)?.content ?? [])
      if (names.includes(asked)) return answer(asked, said)
      return said === 'go'
        ? names.map((name) => call(name, 'task', { agent: 'worker', prompt: name }))
        : 'done'
    }),
  )
  const agent = new Agent({
    name: 'parent',
    adapter,
    model: 'm',
    workspace,
    tools: [read, edit, write],
    agents: [{ name: 'worker', description: 'works' }],
    subagents: true,
  })
  const outputs: string[] = []
  for await (const event of agent.run([], 'go') as AsyncIterable<RunEvent>)
    if (event.type === 'tool_result' && event.agentPath?.length) outputs.push(event.output)
  return { outputs, text: (name: string) => readFileSync(join(root, name), 'utf8') }
}

test('of two that have read one file, the later one is told that it changed', async () => {
  const first = Promise.withResolvers<void>()
  const bothRead = Promise.withResolvers<void>()
  let reads = 0
  const { outputs, text } = await together(
    ['one', 'two'],
    async (name, said) => {
      if (said === name) return [call('r', 'read', { path: 'a.txt' })]
      if (said.includes('Read it again')) return [call('s', 'read', { path: 'a.txt' })]
      if (said.startsWith('Edited')) {
        first.resolve()
        return 'done'
      }
      if (++reads === 2) bothRead.resolve()
      await bothRead.promise
      if (name === 'two') await first.promise
      return [
        call(`e${reads}`, 'edit', {
          path: 'a.txt',
          old_string: `${name} = 0`,
          new_string: `${name} = 1`,
        }),
      ]
    },
    { 'a.txt': 'one = 0\ntwo = 0\n' },
  )
  expect(
    outputs.filter((output) => output.includes('a.txt was changed since you read it')),
  ).toHaveLength(1)
  expect(text('a.txt')).toBe('one = 1\ntwo = 1\n')
})

test('what another one wrote is not replaced unseen', async () => {
  const first = Promise.withResolvers<void>()
  const { outputs, text } = await together(
    ['one', 'two'],
    async (name, said) => {
      if (said === name) {
        if (name === 'two') await first.promise
        return [call('w', 'write', { path: 'new.txt', content: `${name}\n` })]
      }
      first.resolve()
      return 'done'
    },
    {},
  )
  expect(outputs).toEqual([
    'Created new.txt (1 line).',
    'new.txt was written by another agent, and you have not read it. Read it first.',
  ])
  expect(text('new.txt')).toBe('one\n')
})

test('edits at the same moment do not undo each other', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `agent-${index}`)
  const { text } = await together(
    names,
    (name, said) =>
      said === name
        ? [
            call('e', 'edit', {
              path: 'a.txt',
              old_string: `${name} = 0`,
              new_string: `${name} = 1`,
            }),
          ]
        : 'done',
    { 'a.txt': names.map((name) => `${name} = 0\n`).join('') },
  )
  expect(text('a.txt')).toBe(names.map((name) => `${name} = 1\n`).join(''))
})
