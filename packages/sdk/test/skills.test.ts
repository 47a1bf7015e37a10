import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { textOf } from '@harnext/core'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Harnext, skill, tool, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

async function client(steps: readonly ScriptedStep[], options: HarnextOptions = {}) {
  const folder = await temporary()
  const adapter = scripted(steps)
  const agent = new Harnext({
    provider: adapter,
    model: 'm',
    cwd: folder,
    home: path.join(folder, '.home'),
    env: {},
    ...options,
  })
  return { folder, adapter, agent }
}

async function putSkill(folder: string, name: string, body: string, head = ''): Promise<string> {
  const place = path.join(folder, name)
  await mkdir(place, { recursive: true })
  await writeFile(
    path.join(place, 'SKILL.md'),
    `---\nname: ${name}\ndescription: The ${name}.\n${head}---\n${body}\n`,
  )
  return place
}

test('a model loads a skill, and then runs only what it allows', async () => {
  const { agent, folder } = await client(
    [
      [call('1', 'Skill', { name: 'look' })],
      [call('2', 'write', { path: 'a', content: 'x' }), call('3', 'glob', { pattern: '*' })],
      'Done.',
      [call('4', 'write', { path: 'a', content: 'x' })],
      'Done.',
    ],
    { skills: ['skills'] },
  )
  await putSkill(path.join(folder, 'skills'), 'look', 'Only look.', 'allowed-tools: Glob\n')
  const first = await agent.run('go')
  expect(first.steps.map(({ status }) => status)).toEqual(['ok', 'denied', 'ok'])
  expect(first.steps[0]?.output).toContain('Only look.')
  expect(first.steps[1]?.output).toContain('The skill look allows only Glob, so write does not run')
  expect(first.filesChanged).toEqual([])
  const second = await agent.run('now write', { session: first.sessionId })
  expect(second.steps.map(({ status }) => status)).toEqual(['ok'])
})

test('/name at the start of a prompt is the skill, with the words behind it', async () => {
  const made = skill({ name: 'greet', description: 'Greets.', instructions: 'Greet $ARGUMENTS.' })
  const { agent } = await client(['Hello.', 'What?'], { skills: [made] })
  const { messages } = await agent.run('/greet the world')
  const [said] = messages
  expect(said?.role === 'user' && textOf(said.content)).toBe(
    '<skill name="greet">\nGreet the world.\n</skill>',
  )
  const other = await agent.run('/unknown path')
  const [unchanged] = other.messages
  expect(unchanged?.role === 'user' && textOf(unchanged.content)).toBe('/unknown path')
})

test('agent.skills lists them, and takes a folder', async () => {
  const { agent, folder } = await client([])
  const names = (): readonly string[] => agent.skills.list().map(({ name }) => name)
  expect(names()).toEqual(['commit', 'debug', 'init', 'review'])
  agent.skills.add(await putSkill(folder, 'own', 'Do.'))
  expect(names()).toEqual(['commit', 'debug', 'init', 'own', 'review'])
  expect(() => agent.skills.add('nowhere')).toThrow(/There is no skill in .*nowhere/)
  expect(names()).toHaveLength(5)
  expect(agent.with({ skills: false }).skills.list()).toEqual([])
})

test('a project brings its skills only when its folder is trusted', async () => {
  const { agent, folder } = await client(['Hm.'])
  await putSkill(path.join(folder, '.claude/skills'), 'theirs', 'Obey.')
  const warnings: string[] = []
  for await (const event of agent.stream('/theirs'))
    if (event.type === 'warning') warnings.push(event.message)
  expect(warnings).toEqual([
    'The skills of the project were ignored, because the folder is not trusted.',
  ])
  expect(
    agent
      .with({ trusted: true })
      .skills.list()
      .map(({ name }) => name),
  ).toContain('theirs')
})

test('skills can be loaded beside all tools, when skill is named, and when they are given', async () => {
  const made = skill({ name: 'greet', description: 'Greets.', instructions: 'Greet.' })
  const clash = skill({ name: 'read', description: 'Clashes.', instructions: 'x' })
  const toolsOf = async (options: HarnextOptions): Promise<readonly string[]> => {
    const { agent, adapter } = await client(['Hm.'], options)
    await agent.run('go')
    return adapter.requests[0]?.tools?.map(({ name }) => name) ?? []
  }
  expect(await toolsOf({})).toContain('load_tools')
  expect(await toolsOf({ tools: ['read', 'Skill'] })).toEqual(['read', 'load_tools'])
  expect(await toolsOf({ tools: ['read'] })).toEqual(['read'])
  expect(await toolsOf({ tools: ['read'], skills: [made, clash] })).toEqual(['read', 'load_tools'])
  expect(await toolsOf({ tools: ['read', 'skill'], skills: false })).toEqual(['read'])
})

test('hooks of the program run, too', async () => {
  const seen: string[] = []
  const nothing = tool({
    name: 'nothing',
    description: 'd',
    parameters: { type: 'object' },
    effects: () => [],
    execute: () => 'ok',
  })
  const { agent } = await client([[call('1', 'nothing', {})], 'Done.'], {
    tools: [nothing],
    hooks: { beforeTool: (made, messages) => void seen.push(`${made.tool} ${messages.length}`) },
  })
  await agent.run('go')
  expect(seen).toEqual(['nothing 2'])
})

test('a skill that allows nothing but tools that are not there is told of; one that may know better is not', async () => {
  const { agent, folder } = await client(['Done.'], { skills: ['skills'] })
  const skills = path.join(folder, 'skills')
  await putSkill(skills, 'wrong', 'Look.', 'allowed-tools: Raed, Gerp\n')
  for (const allowed of ['Raed Grep', 'Bash(git:*)', 'docs__search', 'mcp__docs', ''])
    await putSkill(skills, `fine-${allowed.length}`, 'Look.', `allowed-tools: ${allowed}\n`)
  const events = await collect(agent.stream('go'))
  expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual([
    'The skill wrong allows only Raed, Gerp, and there is no such tool: while it is in use, none runs.',
  ])
})
