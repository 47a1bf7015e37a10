import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { userMessage, type Message, type ToolMessage } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import {
  bundledSkills,
  collectSkills,
  narrowToSkills,
  readSkills,
  renderSkill,
  skill,
  skillCommand,
  skillTools,
  type Skill,
} from '../../src/skills.ts'
import { call, place } from '../helpers.ts'

function text(name: string, body = `How to ${name}.`, more = ''): string {
  return `---\nname: ${name}\ndescription: The skill ${name}.\n${more}---\n${body}\n`
}

async function put(folder: string, files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

describe('discovery', () => {
  test('a folder that is a skill, and one that holds some, in either spelling', async () => {
    const { root } = await place({
      'b/SKILL.md': text('b'),
      'a/skill.md': text('a'),
      'not/README.md': '',
      file: '',
    })
    expect(readSkills(root, 'given').skills.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(readSkills(join(root, 'a'), 'user')).toMatchObject({
      skills: [{ name: 'a', source: 'user', location: join(root, 'a/skill.md') }],
      problems: [],
    })
    for (const nothing of ['missing', 'file', 'not'])
      expect(readSkills(join(root, nothing), 'given')).toEqual({ skills: [], problems: [] })
  })

  test('what breaks the rules is left out with a sentence', async () => {
    const { root } = await place({
      'wrong/SKILL.md': text('other'),
      'large/SKILL.md': text('large', 'x'.repeat(100_001)),
      'good/SKILL.md': text('good'),
    })
    await symlink('SKILL.md', join(root, 'good/loop.md'))
    await mkdir(join(root, 'folder/SKILL.md'), { recursive: true })
    const { skills, problems } = readSkills(root, 'given')
    expect(skills.map(({ name }) => name)).toEqual(['good'])
    expect(problems).toEqual([
      expect.stringContaining('folder/SKILL.md was left out: it cannot be read: EISDIR'),
      expect.stringContaining('large/SKILL.md was left out: it is larger than 100 KB'),
      expect.stringContaining('its name other is not that of its folder, wrong'),
    ])
  })

  test('bundled, the person, the project, given: the later counts', async () => {
    const { root, home } = await place()
    const harnextHome = join(home, '.harnext')
    const where = { cwd: join(root, 'sub'), home, harnextHome, trusted: true }
    await mkdir(join(root, '.git'), { recursive: true })
    await mkdir(join(root, 'sub'))
    const descriptions = (): readonly string[] =>
      collectSkills(where).skills.map(
        ({ name, source, location = '' }) => `${name} ${source} ${location}`,
      )
    expect(descriptions()).toEqual(bundledSkills.map(({ name }) => `${name} bundled `))
    await put(home, { '.claude/skills/review/SKILL.md': text('review') })
    expect(descriptions()).toContain(`review user ${home}/.claude/skills/review/SKILL.md`)
    await put(harnextHome, { 'skills/review/SKILL.md': text('review') })
    expect(descriptions()).toContain(`review user ${harnextHome}/skills/review/SKILL.md`)
    await put(root, { '.harnext/skills/review/SKILL.md': text('review') })
    expect(descriptions()).toContain(`review project ${root}/.harnext/skills/review/SKILL.md`)
    await put(root, { 'sub/.agents/skills/review/SKILL.md': text('review') })
    expect(descriptions()).toContain(`review project ${root}/sub/.agents/skills/review/SKILL.md`)
    const given = skill({ name: 'review', description: 'mine', instructions: 'x' })
    expect(collectSkills({ ...where, given: [given] }).skills).toContain(given)
    expect(collectSkills({ ...where, given: ['review'] }).problems).toEqual([])
    expect(collectSkills({ ...where, given: [home] }).problems).toEqual([
      `There is no skill in ${home}: a skill is a folder with the file SKILL.md.`,
    ])
  })

  test('those of a project that nobody trusts are ignored, with a sentence', async () => {
    const { root, home } = await place({ '.claude/skills/a/SKILL.md': text('a') })
    const found = collectSkills({ cwd: root, home, harnextHome: home, trusted: false })
    expect(found.skills.map(({ name }) => name)).not.toContain('a')
    expect(found.problems).toEqual([
      'The skills of the project were ignored, because the folder is not trusted.',
    ])
  })
})

describe('a skill as the model gets it', () => {
  test('instructions, where it lies, at most ten files beside it', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`a/f${n}.md`, '']))
    const { root } = await place({
      'a/SKILL.md': text('a'),
      'a/.git/config': '',
      'a/scripts/x.sh': '',
      ...files,
    })
    const [found] = readSkills(root, 'given').skills
    if (!found) throw new Error('not found')
    const lines = renderSkill(found).split('\n')
    expect(lines.slice(0, 4)).toEqual([
      `<skill name="a" location="${root}/a/SKILL.md">`,
      'How to a.',
      '</skill>',
      `<skill_files folder="${root}/a">`,
    ])
    expect(lines.slice(4)).toHaveLength(12)
    expect(lines.slice(-2)).toEqual(['(and 3 more)', '</skill_files>'])
    expect(lines.join()).not.toContain('.git')
  })

  test('the text is that of the moment when it is used', async () => {
    const { root } = await place({ 'a/SKILL.md': text('a', 'old') })
    const [found] = readSkills(root, 'given').skills
    if (!found) throw new Error('not found')
    await put(root, { 'a/SKILL.md': text('a', 'new') })
    expect(renderSkill(found)).toContain('\nnew\n')
    await put(root, { 'a/SKILL.md': '---\n' })
    expect(() => renderSkill(found)).toThrow('is not a skill any more')
  })

  test.each([
    ['all: $ARGUMENTS', [], 'one two', 'all: one two'],
    ['$1 then $2, $3.', [], 'one two', 'one then two, .'],
    ["awk '{ print $1 }'", [], '', "awk '{ print $1 }'"],
    [
      '{what} at {where} of {other}',
      ['what', 'where'],
      'one two three',
      'one at two three of {other}',
    ],
  ])('%s', (instructions, args, words, expected) => {
    const made = skill({ name: 'a', description: 'd', instructions, args })
    expect(renderSkill(made, words)).toBe(`<skill name="a">\n${expected}\n</skill>`)
  })

  test('words that it has no place for follow it', () => {
    const made = skill({ name: 'a', description: 'd', instructions: 'Do.' })
    expect(renderSkill(made, ' the last\ncommit ')).toBe(
      '<skill name="a">\nDo.\n</skill>\n\nUser: the last\ncommit',
    )
  })
})

test('/name at the start of a prompt', () => {
  const made = skill({ name: 'do-it', description: 'd', instructions: 'Do.' })
  const hidden = skill({
    name: 'hidden',
    description: 'd',
    instructions: 'x',
    userInvocable: false,
  })
  const commandOf = (prompt: string): string | undefined =>
    skillCommand(prompt, [made, hidden])?.text
  expect(commandOf('/do-it now')).toContain('User: now')
  expect(commandOf(' /skill:do-it')).toBe('<skill name="do-it">\nDo.\n</skill>')
  for (const prompt of ['/hidden', '/etc/hosts', '/do-it/x', 'say /do-it', '/do', '/'])
    expect(commandOf(prompt)).toBeUndefined()
})

describe('what a model can load', () => {
  const one = skill({
    name: 'one',
    description: 'First\n one.',
    instructions: '1',
    whenToUse: 'Now.',
  })
  const two = skill({
    name: 'two',
    description: 'Second.',
    instructions: '2',
    modelInvocable: false,
  })

  test('is told by name and description, and gives its instructions', async () => {
    const { workspace } = await place()
    const [made, ...more] = skillTools([one, two])
    if (!made) throw new Error('no tool')
    expect(more).toEqual([])
    expect(made).toMatchObject({ name: 'one', description: 'First one. Now.', loadable: 'text' })
    expect(await call(made, {}, workspace)).toMatchObject({
      isError: false,
      effects: [],
      text: '<skill name="one">\n1\n</skill>',
    })
  })

  test('a file that cannot be read any more', async () => {
    const { workspace, root } = await place({ 'a/SKILL.md': text('a') })
    const [made] = skillTools(readSkills(root, 'given').skills)
    if (!made) throw new Error('no tool')
    await put(root, { 'a/SKILL.md': '---\n' })
    expect(await call(made, {}, workspace)).toMatchObject({ isError: true })
  })
})

describe('what a skill allows', () => {
  const reads = skill({
    name: 'reads',
    description: 'd',
    instructions: 'i',
    allowedTools: ['Read', 'Bash(git:*)', 'mcp__docs', 'multi_edit'],
  })
  const nothing = skill({ name: 'nothing', description: 'd', instructions: 'i', allowedTools: [] })
  const free = skill({ name: 'free', description: 'd', instructions: 'i' })
  const narrow = narrowToSkills([reads, nothing, free])
  const denied = (messages: readonly Message[], ...tools: readonly string[]): readonly string[] =>
    tools.filter((tool) =>
      narrow(
        {
          id: '1',
          tool,
          args: {},
          sessionId: 's',
          agentPath: [],
          signal: new AbortController().signal,
        },
        messages,
      ),
    )
  const loaded = (skills: readonly Skill[], status: ToolMessage['status'] = 'ok'): ToolMessage => ({
    role: 'tool',
    id: '1',
    tool: 'load_tools',
    status,
    content: [{ type: 'text', text: skills.map((each) => renderSkill(each)).join('\n\n') }],
  })

  test('holds from its load to what the person says next', () => {
    const tools = ['read', 'bash', 'edit', 'write', 'Skill', 'mcp__docs__find', 'mcp__other__x']
    const messages: Message[] = [userMessage('go')]
    expect(denied(messages, ...tools)).toEqual([])
    messages.push(loaded([free]), loaded([reads], 'error'), { ...loaded([reads]), tool: 'read' })
    expect(denied(messages, ...tools)).toEqual([])
    messages.push(loaded([free, reads]))
    expect(denied(messages, ...tools)).toEqual(['write', 'mcp__other__x'])
    messages.push(userMessage('hurry', 'steer'))
    expect(denied(messages, ...tools)).toEqual(['write', 'mcp__other__x'])
    messages.push(loaded([nothing]))
    expect(denied(messages, ...tools)).toEqual(tools.filter((tool) => tool !== 'Skill'))
    messages.push(userMessage('thanks'))
    expect(denied(messages, ...tools)).toEqual([])
    messages.push(userMessage(renderSkill(reads, 'now')))
    expect(denied(messages, ...tools)).toEqual(['write', 'mcp__other__x'])
    // As a resumed run sees it: all at once.
    expect(denied([...messages], ...tools)).toEqual(['write', 'mcp__other__x'])
  })
})
