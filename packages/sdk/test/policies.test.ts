import { mkdir, realpath, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Agent } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { ConfigError } from '../src/index.ts'
import { parsePolicy } from '../src/policy/parse-policy.ts'
import { policiesOf } from '../src/policy/read-policies.ts'
import { resolveSettings } from '../src/settings.ts'
import { temporary } from './temporary.ts'

async function places(files: { readonly [file: string]: string } = {}) {
  const root = await realpath(await temporary())
  const where = {
    managed: path.join(root, 'etc'),
    cwd: path.join(root, 'project'),
    home: path.join(root, 'home'),
  }
  for (const folder of Object.values(where)) await mkdir(folder)
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await writeFile(path.join(root, file), content)
  }
  return where
}

async function read(where: Awaited<ReturnType<typeof places>>, trusted = true) {
  const { policies = [] } = policiesOf(undefined, { ...where, trusted })
  return typeof policies === 'function' ? policies() : policies
}

test('the organisation comes first, then the project, then the person, in three languages', async () => {
  const where = await places({
    'etc/policy.toml': 'version = 1\n[[rules]]\ntool = "bash"\ndecision = "ask"\n',
    'project/.harnext/policy.yaml': 'rules:\n  - allow bash(npm test:*)\n',
    'home/policy.json': '{"defaults":{"decision":"deny"}}',
  })
  expect(await read(where)).toMatchObject([
    { rules: [{ tool: 'bash', decision: 'ask' }] },
    { rules: [{ tool: 'bash', effect: 'execute', pattern: 'npm test:*', decision: 'allow' }] },
    { rules: [], default: 'deny' },
  ])
})

test('a project that is not trusted only tightens', async () => {
  const where = await places({
    'project/.harnext/policy.yml':
      'defaults: { decision: allow }\nrules:\n  - allow bash\n  - deny read(./secret)\n',
  })
  const [policy] = await read(where, false)
  expect(policy?.rules).toMatchObject([{ effect: 'read', decision: 'deny' }])
  expect(policy?.default).toBeUndefined()
})

test('what is inherited comes after, relative to the file, and its default last', async () => {
  const where = await places({
    'project/.harnext/policy.yaml': 'inherit: ../shared/base.yaml\nrules: [deny bash]\n',
    'project/shared/base.yaml': 'inherit_from: [more.json]\nrules: [allow bash]\n',
    'project/shared/more.json': '{"defaults":{"decision":"ask"},"rules":["deny edit(./x)"]}',
  })
  const [policy] = await read(where)
  expect(policy?.rules.map(({ decision }) => decision)).toEqual(['deny', 'allow', 'deny'])
  expect(policy?.default).toBe('ask')
})

test.each([
  ['a circle', { 'home/policy.yaml': 'inherit: policy.yaml' }, 'inherit from each other'],
  ['a missing parent', { 'home/policy.yaml': 'inherit: none.yaml' }, 'is not there'],
  ['no YAML', { 'home/policy.yaml': 'a: [' }, 'cannot be read'],
  ['two files', { 'home/policy.yaml': '', 'home/policy.json': '{}' }, 'join them'],
])('%s is an error', async (_, files, message) => {
  const where = await places(files)
  await expect(read(where)).rejects.toThrow(ConfigError)
  await expect(read(where)).rejects.toThrow(message)
})

test('conditions become rules about effects', () => {
  const rulesOf = (rule: object) => parsePolicy({ rules: [rule] }, 'p').rules
  expect(rulesOf({ tool: 'Bash', decision: 'deny', when: { command_matches: 'rm -rf*' } })).toEqual(
    [{ tool: 'bash', effect: 'execute', pattern: 'rm -rf*', decision: 'deny' }],
  )
  expect(
    rulesOf({
      tool: 'Write',
      decision: 'ask',
      when: { path_matches: '*/src/*', not_path_matches: '*.md', content_matches: 'eval' },
      description: 'why',
    }),
  ).toEqual([
    {
      tool: '*',
      effect: 'write',
      pattern: '**/src/**',
      except: '*.md',
      content: 'eval',
      decision: 'ask',
      description: 'why',
    },
  ])
})

test.each([
  [
    { rules: [{ tool: 'x', decision: 'deny', when: { path_match: '*' } }] },
    'did you mean path_matches',
  ],
  [{ rules: [{ tool: 'x', decision: 'maybe' }] }, 'decision must be'],
  [{ version: 2 }, 'version must be 1'],
  [{ default: 'deny' }, 'did you mean defaults'],
  [{ defaults: { decision: 'no' } }, 'defaults.decision'],
  [{ rules: [{ tool: 'write', decision: 'deny', when: { content_matches: '(a+)+' } }] }, 'repeat'],
  [{ rules: [{ tool: 'write', decision: 'deny', when: { command_matches: 'x' } }] }, 'only bash'],
])('%j is an error', (value, message) => {
  expect(() => parsePolicy(value, 'policy.yaml')).toThrow(message)
})

test('a run obeys them, and fails where they cannot be read', async () => {
  const where = await places({
    'project/.harnext/policy.yaml':
      'rules:\n  - tool: write\n    decision: deny\n    when: { content_matches: password }\n',
  })
  const write = (id: string, content: string) => call(id, 'write', { path: id, content })
  const begin = () => {
    const provider = scripted([[write('a', 'a password'), write('b', 'plain')], 'done'])
    const { cwd, home } = where
    const { agent } = resolveSettings({ provider, model: 'm', cwd, home, env: {}, trusted: true })
    const { store: _store, ...rest } = agent
    return new Agent(rest).run([], 'go')
  }
  const events = await collect(begin())
  const decisions = events.filter((event) => event.type === 'permission_decision')
  expect(decisions).toMatchObject([{ decision: 'deny', tier: 'policy' }, { decision: 'allow' }])
  await writeFile(path.join(where.cwd, '.harnext/policy.yaml'), 'rules: 1')
  expect((await begin().result).error).toBeInstanceOf(ConfigError)
})
