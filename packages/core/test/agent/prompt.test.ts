import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  memoryStore,
  noWorkspace,
  systemPrompt,
  tool,
  type AgentOptions,
  type RunEvent,
  type Workspace,
} from '../../src/index.ts'
import { localWorkspace } from '../../src/node.ts'
import { collect } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'
import { temporaryFolder } from '../workspace/temporary-folder.ts'

const builtIns = ['read', 'write', 'edit', 'bash', 'glob', 'grep']
const context = {
  cwd: '/home/ada/engine',
  platform: 'linux',
  date: '2026-11-21',
  tools: builtIns,
  instructions: [],
}

test('the whole prompt, as a model gets it', async () => {
  const prompt = systemPrompt({
    ...context,
    instructions: [{ path: '/home/ada/engine/AGENTS.md', text: 'Use tabs.' }],
    append: 'Answer in German.',
  })
  await expect(`${prompt}\n`).toMatchFileSnapshot('__golden__/system-prompt.txt')
})

test('without instructions it has at most 6,000 characters, and the same context gives the same bytes', () => {
  expect(systemPrompt(context).length).toBeLessThanOrEqual(6000)
  expect(systemPrompt(context)).toBe(systemPrompt({ ...context, tools: [...builtIns] }))
})

test('nothing is said about tools that are not there, or about a place that is none', () => {
  const { cwd: _cwd, ...nowhere } = context
  const bare = systemPrompt({ ...nowhere, tools: [], platform: '' })
  for (const word of [
    'grep',
    'bash',
    'Commands',
    'Files\n',
    'Calls',
    'Working directory',
    'Platform',
  ])
    expect(bare).not.toContain(word)
  expect(bare).toContain('Date: 2026-11-21')
})

test("a prompt of one's own takes the place of the text; environment, instructions and an addition follow", () => {
  const instructions = [
    { path: '/a/AGENTS.md', text: 'one' },
    { path: '/a/b/AGENTS.md', text: 'two' },
  ]
  expect(systemPrompt({ ...context, systemPrompt: 'Mine.', append: 'End.', instructions })).toBe(
    [
      'Mine.',
      '<environment>\nWorking directory: /home/ada/engine\nPlatform: linux\nDate: 2026-11-21\n</environment>',
      '<instructions path="/a/AGENTS.md">\none\n</instructions>',
      '<instructions path="/a/b/AGENTS.md">\ntwo\n</instructions>',
      'End.',
    ].join('\n\n'),
  )
  expect(systemPrompt({ ...context, systemPrompt: '' })).toMatch(/^<environment>/)
})

/** The system prompts of two runs of one session, the second with other options. */
async function twoRuns(first: Partial<AgentOptions>, second: Partial<AgentOptions>) {
  const store = memoryStore()
  const { adapter, agent } = agentOf(['one'], { store, ...first })
  const { sessionId } = await agent.run([], 'go').result
  const other = agentOf(['two'], { store, ...second })
  const run = other.agent.run([], 'more', { session: sessionId })
  const prompts = ofType(await collect(run), 'prompt')
  return { systems: [adapter, other.adapter].map(({ requests }) => requests[0]?.system), prompts }
}

test('a session keeps its prompt when its instructions and its place have changed since', async () => {
  const files = (text: string): Workspace => ({
    ...noWorkspace,
    roots: ['/w'],
    platform: text,
    stat: async (path) =>
      path === '/w/AGENTS.md'
        ? { name: 'AGENTS.md', kind: 'file', size: 3, modified: 0, mode: 0 }
        : null,
    readFile: async () => new TextEncoder().encode(text),
  })
  for (const options of [
    {},
    { systemPrompt: 'Mine.' },
    { systemPrompt: 'Mine.', appendSystemPrompt: 'End.' },
    { systemPrompt: '' },
  ]) {
    const { systems, prompts } = await twoRuns(
      { ...options, workspace: files('one') },
      { ...options, workspace: files('two') },
    )
    expect(systems[0]).toContain('one\n</instructions>')
    expect(systems[1]).toBe(systems[0])
    expect(prompts).toEqual([])
  }
})

test('it gets another one when it is told so, and when its tools are others the text stays', async () => {
  for (const [first, second] of [
    [{}, { systemPrompt: 'Mine.' }],
    [{ systemPrompt: 'Mine.' }, { systemPrompt: 'Mine' }],
    [{}, { appendSystemPrompt: 'End.' }],
    [{ appendSystemPrompt: 'End.' }, { appendSystemPrompt: 'The End.' }],
  ]) {
    const { systems, prompts } = await twoRuns(first ?? {}, second ?? {})
    expect(systems[1]).not.toBe(systems[0])
    expect(prompts).toHaveLength(1)
  }
  const { systems, prompts } = await twoRuns({}, { tools: [stub('late', () => '')] })
  expect(systems[1]).toBe(systems[0])
  expect(prompts[0]?.tools.map(({ name }) => name)).toEqual(['late'])
})

test('the prompt is on record once, and the hashes say when it is another one', async () => {
  const store = memoryStore()
  const { agent } = agentOf(['one', 'two'], { store })
  const hashes = (events: readonly RunEvent[]) =>
    events.flatMap((event) =>
      event.type === 'run_start' ? [[event.systemHash, event.toolsHash]] : [],
    )
  const first = agent.run([], 'go')
  const begun = hashes(await collect(first))
  const events = await collect(agent.run([], 'more', { session: first.sessionId }))
  expect(ofType(events, 'prompt')).toHaveLength(0)
  expect([begun.length, hashes(events)]).toEqual([1, begun])
})

test("a tool whose schema the model cannot be told is the run's error", async () => {
  const schema = {
    '~standard': { version: 1, vendor: 'old', validate: (value: unknown) => ({ value }) },
  } as const
  const { agent } = agentOf([], {
    tools: [tool({ name: 'a', description: 'a', parameters: schema, execute: () => '' })],
  })
  const { error, stopReason } = await agent.run([], 'go').result
  expect([stopReason, error?.code, error?.message]).toEqual([
    'error',
    'config',
    expect.stringContaining('tool a (old)'),
  ])
})

/** The instructions in the prompt of a run in `folder`, each as its path below the root and its text. */
async function instructionsIn(root: string, folder: string, options: Partial<AgentOptions> = {}) {
  const { adapter, agent } = agentOf(['ok'], {
    workspace: localWorkspace({ roots: [join(root, folder)] }),
    ...options,
  })
  await agent.run([], 'go').result
  const found =
    adapter.requests[0]?.system?.matchAll(
      /<instructions path="(.*?)">\n(.*?)\n<\/instructions>/gs,
    ) ?? []
  return Array.from(found, ([, path = '', text = '']) => [path.slice(root.length), text])
}

async function filesIn(
  root: string,
  files: { readonly [path: string]: string | Uint8Array },
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

test('instructions: from the root of the repository down, in each folder the first of three names', async () => {
  const root = await temporaryFolder()
  await filesIn(root, {
    'AGENTS.md': 'outside',
    'repository/.git/HEAD': '',
    'repository/AGENTS.md': '\ufeffof the root\n',
    'repository/CLAUDE.md': 'never',
    'repository/a/HARNESS.md': 'of a',
    'repository/a/b/CLAUDE.md': 'of b',
    'repository/a/b/c/AGENTS.md': 'below',
  })
  expect(await instructionsIn(root, 'repository/a/b')).toEqual([
    ['/repository/AGENTS.md', 'of the root'],
    ['/repository/a/HARNESS.md', 'of a'],
    ['/repository/a/b/CLAUDE.md', 'of b'],
  ])
  expect(await instructionsIn(root, 'repository/a/b', { instructions: false })).toEqual([])
})

test('outside of a repository only the working directory counts', async () => {
  const root = await temporaryFolder()
  await filesIn(root, { 'AGENTS.md': 'above', 'a/AGENTS.md': 'here' })
  expect(await instructionsIn(root, 'a')).toEqual([['/a/AGENTS.md', 'here']])
})

test('a worktree, whose .git is a file, is a repository too', async () => {
  const root = await temporaryFolder()
  await filesIn(root, {
    'AGENTS.md': 'above',
    'a/.git': 'gitdir: elsewhere',
    'a/AGENTS.md': 'tree',
    'a/b/x': '',
  })
  expect(await instructionsIn(root, 'a/b')).toEqual([['/a/AGENTS.md', 'tree']])
})

test('what cannot be read, is a folder, or is empty is left out', async () => {
  const root = await temporaryFolder()
  await filesIn(root, {
    '.git/HEAD': '',
    'AGENTS.md/x': '',
    'HARNESS.md': 'second choice',
    'a/AGENTS.md': ' \n',
  })
  expect(await instructionsIn(root, 'a')).toEqual([['/HARNESS.md', 'second choice']])
  const workspace = localWorkspace({ roots: [root] })
  const readFile = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
  expect(await instructionsIn(root, '', { workspace: { ...workspace, readFile } })).toEqual([])
})

test('a file of more than 32 KB is cut, at a whole character, and says so', async () => {
  const root = await temporaryFolder()
  // The limit lies in the middle of a character.
  await filesIn(root, { 'AGENTS.md': 'x' + 'ä'.repeat(20_000) })
  const [[, text = ''] = []] = await instructionsIn(root, '')
  expect(text).toMatch(/^xä+\n\[cut: the file has 40001 bytes, these are the first 32768\]$/)
  expect(text).not.toContain('\ufffd')
})
