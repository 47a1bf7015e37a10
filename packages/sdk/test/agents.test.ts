import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ModelRequest, RunEvent, SubagentSession } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import type { HarnextOptions } from '../src/index.ts'
import { answering, clientIn, type Answer } from './client.ts'
import { temporary } from './temporary.ts'

async function client(
  answer: Answer,
  options: HarnextOptions = {},
  files: { [name: string]: string } = {},
) {
  const folder = await temporary()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  return clientIn(answering(answer), { cwd: folder, ...options })
}

function taskOf(request: ModelRequest | undefined): string {
  return request?.tools?.find(({ name }) => name === 'task')?.description ?? ''
}

const warnings = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))

test('four agents are built in; one that only looks has the tools for it and is in plan mode', async () => {
  const { agent, adapter } = await client(
    (said) =>
      said === 'go'
        ? [call('1', 'task', { subagent_type: 'explore', prompt: 'look' })]
        : said === 'look'
          ? [call('2', 'read', { path: 'a.txt' })]
          : 'fine',
    {},
    { 'a.txt': 'the contents' },
  )
  const result = await agent.run('go')
  expect(result.steps.map(({ status }) => status)).toEqual(['ok'])
  for (const name of ['general', 'explore', 'plan', 'review'])
    expect(taskOf(adapter.requests[0])).toContain(`- ${name}: `)
  const names = adapter.requests[1]?.tools?.map(({ name }) => name) ?? []
  expect(names).toContain('read')
  for (const name of ['write', 'edit', 'bash', 'task']) expect(names).not.toContain(name)
})

test('agents of files: the project counts more than what is built in, unknown keys warn, and what is no agent is left out', async () => {
  const { agent, adapter, folder } = await client(
    () => 'fine',
    { trusted: true },
    {
      '.claude/agents/explore.md':
        '---\nname: explore\ndescription: Mine.\ntools: Read, Grep\nflavour: sweet\n---\nLook hard.\n',
      '.harnext/agents/broken.md': '---\nname: broken\n---\nNo description.\n',
      '.harnext/agents/large.md': `---\ndescription: Large.\n---\n${'x'.repeat(100_000)}\n`,
      '.harnext/agents/lax.md': '---\ndescription: Lax.\npermission_mode: everything\n---\n',
    },
  )
  const events = await collect(agent.stream('go'))
  expect(taskOf(adapter.requests[0])).toContain('- explore: Mine.')
  expect(taskOf(adapter.requests[0])).toContain('- lax: Lax.')
  expect(warnings(events)).toEqual([
    `${folder}/.claude/agents/explore.md: nobody understands the key flavour.`,
    `The agent ${folder}/.harnext/agents/broken.md was left out: it has no description.`,
    `The agent ${folder}/.harnext/agents/large.md was left out: it is larger than 100 KB, and all of it would go with each call.`,
    expect.stringContaining(
      'Agent lax runs in plan mode: There is no permission mode "everything"',
    ),
  ])
})

test('an untrusted project brings no agents, and one line says so', async () => {
  const { agent, adapter } = await client(
    () => 'fine',
    { trusted: false },
    { '.harnext/agents/mine.md': '---\ndescription: Mine.\n---\nx\n' },
  )
  const events = await collect(agent.stream('go'))
  expect(taskOf(adapter.requests[0])).not.toContain('mine')
  expect(warnings(events)).toEqual([
    'The agents of the project were ignored, because the folder is not trusted.',
  ])
})

test('an agent with a model of its own is asked with it; one that cannot be reached is its parent’s', async () => {
  const models: string[] = []
  const other = scripted([(request) => (models.push(request.model), 'from the other')], {
    id: 'other',
  })
  const { agent, adapter } = await client(
    (said) =>
      said === 'go'
        ? [
            call('1', 'task', { agent: 'own', prompt: 'a' }),
            call('2', 'task', { agent: 'far', prompt: 'b' }),
          ]
        : 'fine',
    {
      agents: [
        { name: 'own', description: 'Own.', adapter: other, model: 'big' },
        { name: 'far', description: 'Far.', model: 'anthropic/claude-sonnet-5' },
      ],
    },
  )
  const events = await collect(agent.stream('go'))
  expect(models).toEqual(['big'])
  expect(adapter.requests.map(({ model }) => model)).toEqual(['m', 'm', 'm'])
  expect(warnings(events)).toEqual([
    'Agent far runs on the model of its parent: anthropic/claude-sonnet-5 cannot be called.',
  ])
})

test('`agents: false` and `maxSubagentDepth: 0` leave the tool out', async () => {
  for (const options of [{ agents: false }, { maxSubagentDepth: 0 }] as const) {
    const { agent, adapter } = await client(() => 'fine', options)
    await agent.run('go')
    expect(taskOf(adapter.requests[0])).toBe('')
  }
})

test.each([true, false])(
  'a link to a device among the agents ends nothing, trusted %s',
  async (trusted) => {
    const folder = await temporary()
    await mkdir(path.join(folder, '.harnext/agents'), { recursive: true })
    await symlink('/dev/zero', path.join(folder, '.harnext/agents/zero.md'))
    const { agent } = await clientIn(scripted(['fine']), { cwd: folder, trusted })
    const events = await collect(agent.stream('go'))
    const left = warnings(events).filter((warning) => warning.includes('zero.md was left out'))
    expect(left).toHaveLength(trusted ? 1 : 0)
  },
)

test('the client keeps sessions of subagents where it is told to', async () => {
  const kept = new Map<string, SubagentSession>()
  const subagentSessions = {
    defaultMode: 'new',
    load: (id: string) => kept.get(id),
    save: (id: string, session: SubagentSession) => void kept.set(id, session),
  } as const
  const { agent } = await client(
    (said) => (said === 'go' ? [call('1', 'task', { agent: 'general', prompt: 'x' })] : 'fine'),
    { subagentSessions },
  )
  await agent.run('go')
  expect([...kept.values()].map((each) => each.agent)).toEqual(['general'])
})
