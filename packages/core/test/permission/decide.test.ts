import { describe, expect, test } from 'vitest'
import { decide } from '../../src/permission/decide.ts'
import type {
  DecideInput,
  Decision,
  PermissionMode,
  PermissionModeName,
  PermissionRule,
} from '../../src/permission/permission.ts'
import { parseRules } from '../../src/permission/rules.ts'
import type { Effect } from '../../src/tool/effects.ts'

const roots = ['/home/u/ws']
const home = '/home/u'
const modes: readonly PermissionMode[] = ['plan', 'manual', 'accept_edits', 'auto', 'bypass']

type PathEffect = Extract<Effect, { kind: 'read' | 'write' }>
const read = (target: string): PathEffect => ({ kind: 'read', target })
const write = (target: string): PathEffect => ({ kind: 'write', target })
const removal = (target: string): Effect => ({
  kind: 'write',
  target,
  tree: true,
  part: 'rm -rf x',
})
const run = (target: string): Effect => ({ kind: 'execute', target })

interface Lists {
  readonly allow?: readonly string[]
  readonly ask?: readonly string[]
  readonly deny?: readonly string[]
}
function rulesOf(lists: Lists): PermissionRule[] {
  return (['allow', 'ask', 'deny'] as const).flatMap((decision) => {
    const { rules, errors } = parseRules(lists[decision] ?? [], decision)
    expect(errors).toEqual([])
    return [...rules]
  })
}

function verdictOf(
  tool: string,
  effects: readonly Effect[],
  mode: PermissionModeName = 'manual',
  lists: Lists = {},
  more: Partial<DecideInput> = {},
): ReturnType<typeof decide> {
  const rules = rulesOf(lists)
  return decide({ mode, rules, call: { tool, args: {} }, effects, roots, home, ...more })
}
function decisionOf(...args: Parameters<typeof verdictOf>): Decision {
  return verdictOf(...args).decision
}

describe('every mode, every kind of effect', () => {
  // In the order of `modes`.
  const table: readonly [
    name: string,
    tool: string,
    effect: Effect,
    expected: string,
    more?: Partial<DecideInput>,
  ][] = [
    ['a read inside', 'read', read('/home/u/ws/a'), 'allow allow allow allow allow'],
    ['a read of the root', 'ls', read('/home/u/ws'), 'allow allow allow allow allow'],
    ['a read outside', 'read', read('/opt/a'), 'deny ask ask ask allow'],
    ['a read of nothing', 'read', read('/dev/null'), 'allow allow allow allow allow'],
    ['a read that never ends', 'read', read('/dev/zero'), 'deny ask ask ask allow'],
    ['a read of a sibling', 'read', read('/home/u/ws2/a'), 'deny ask ask ask allow'],
    ['a read above', 'read', read('/home/u'), 'deny ask ask ask allow'],
    ['a sensitive read inside', 'read', read('/home/u/ws/.env'), 'ask ask ask ask allow'],
    ['a sensitive read outside', 'read', read('/home/u/.ssh/id_rsa'), 'deny ask ask ask allow'],
    [
      'a protected read inside',
      'read',
      read('/home/u/ws/.git/config'),
      'allow allow allow allow allow',
    ],
    ['a write inside', 'write', write('/home/u/ws/a'), 'deny ask allow allow allow'],
    ['a write outside', 'write', write('/opt/a'), 'deny ask ask ask allow'],
    ['a sensitive write', 'write', write('/home/u/ws/.env'), 'deny ask allow allow allow'],
    ['a protected write inside', 'write', write('/home/u/ws/.git/config'), 'deny ask ask ask ask'],
    ['a protected write outside', 'write', write('/home/u/.bashrc'), 'deny ask ask ask ask'],
    ['a tool of its own', 'deploy', run('deploy'), 'deny ask ask allow allow'],
    ['a command', 'bash', run('npm test'), 'deny ask ask allow allow'],
    ['a command that alarms', 'bash', run('rm -rf build'), 'deny ask ask ask allow'],
    [
      'a command that alarms, in a sandbox',
      'bash',
      run('rm -rf build'),
      'deny ask ask allow allow',
      { sandboxed: true },
    ],
    ['the network', 'web_fetch', { kind: 'network', target: 'a.test' }, 'deny ask ask ask allow'],
    ['the unknown', 'mcp__a__b', { kind: 'unknown' }, 'deny ask ask ask allow'],
    ['a child', 'task', { kind: 'spawn', target: 'explore' }, 'allow allow allow allow allow'],
    [
      'a tree inside',
      'deploy',
      { kind: 'write', target: '/home/u/ws/src', tree: true },
      'deny ask allow allow allow',
    ],
    [
      'the root itself',
      'bash',
      { kind: 'write', target: '/home/u/ws', tree: true },
      'deny ask ask ask ask',
    ],
    [
      'a tree with protected files in it',
      'bash',
      { kind: 'write', target: '/home/u/.local', tree: true },
      'deny ask ask ask ask',
    ],
    ['the home itself', 'write', write('/home/u'), 'deny ask ask ask ask'],
    ['/', 'write', { kind: 'write', target: '/', tree: true }, 'deny ask ask ask ask'],
    [
      'a command that removes /',
      'bash',
      { kind: 'write', target: '/', tree: true, part: 'rm -rf /' },
      'deny ask ask ask ask',
    ],
    ['a path with a backslash', 'read', read('/home/u/ws/a\\b'), 'deny ask ask ask allow'],
    ['a relative path', 'write', write('a'), 'deny deny deny deny deny'],
    ['a path with ..', 'read', read('/home/u/ws/../x'), 'deny deny deny deny deny'],
    ['a path with NUL', 'read', read('/home/u/ws/a\0b'), 'deny deny deny deny deny'],
  ]
  test.each(table)('%s', (_, tool, effect, expected, more) => {
    const decisions = modes.map((mode) => decisionOf(tool, [effect], mode, {}, more))
    expect(decisions.join(' ')).toBe(expected)
  })

  test('aliases of modes', () => {
    for (const [alias, mode] of [
      ['default', 'manual'],
      ['acceptEdits', 'accept_edits'],
      ['yolo', 'bypass'],
      ['bypassPermissions', 'bypass'],
    ] as const)
      expect(verdictOf('write', [write('/opt/x')], alias)).toEqual(
        verdictOf('write', [write('/opt/x')], mode),
      )
  })
})

describe('a call without effects', () => {
  test('is allowed in every mode, but the shell in plan', () => {
    for (const mode of modes) {
      expect(decisionOf('todo', [], mode)).toBe('allow')
      expect(decisionOf('bash', [], mode)).toBe(mode === 'plan' ? 'deny' : 'allow')
    }
  })
  test('obeys deny and ask rules that name the tool', () => {
    expect(decisionOf('todo', [], 'bypass', { deny: ['TodoWrite'] })).toBe('deny')
    expect(decisionOf('todo', [], 'bypass', { ask: ['todo'] })).toBe('ask')
    expect(decisionOf('mcp__a__b', [], 'bypass', { deny: ['mcp__a'] })).toBe('deny')
    expect(decisionOf('bash', [], 'bypass', { deny: ['Bash'] })).toBe('deny')
    expect(decisionOf('edit', [], 'bypass', { deny: ['Edit'] })).toBe('deny')
    expect(decisionOf('todo', [], 'bypass', { deny: ['bash', 'read', 'network'] })).toBe('allow')
    expect(decisionOf('bash', [], 'bypass', { deny: ['bash(rm:*)'] })).toBe('allow')
  })
})

describe('precedence', () => {
  const effect = [write('/home/u/ws/a')]
  test('deny before ask before allow, in any order', () => {
    const lists = { allow: ['edit(./a)'], ask: ['edit(./a)'], deny: ['edit(./a)'] }
    const rules = rulesOf(lists)
    for (const order of [rules, rules.toReversed()])
      expect(verdictOf('write', effect, 'bypass', {}, { rules: order })).toEqual({
        decision: 'deny',
        tier: 'rule',
        rule: 'edit(./a)',
        reason: 'write a is denied by the rule edit(./a)',
      })
    expect(decisionOf('write', effect, 'bypass', { ask: ['edit(./a)'], allow: ['edit'] })).toBe(
      'ask',
    )
    expect(decisionOf('write', effect, 'manual', { allow: ['edit(./a)'] })).toBe('allow')
  })
  test('rules before policies before the mode', () => {
    const policies = [
      {
        name: 'team.yml',
        rules: [
          { effect: 'write', pattern: './a', decision: 'allow' },
          { effect: 'write', decision: 'deny' },
        ],
      },
    ] as const
    expect(verdictOf('write', effect, 'manual', {}, { policies })).toEqual({
      decision: 'allow',
      tier: 'policy',
      rule: 'edit(./a)',
      reason: 'write a is allowed by the policy team.yml, rule edit(./a)',
    })
    expect(decisionOf('write', [write('/home/u/ws/b')], 'bypass', {}, { policies })).toBe('deny')
    expect(decisionOf('write', effect, 'manual', { ask: ['edit'] }, { policies })).toBe('ask')
    expect(
      decisionOf(
        'write',
        [write('/home/u/ws/b')],
        'manual',
        { allow: ['edit(./b)'] },
        { policies },
      ),
    ).toBe('allow')
    expect(decisionOf('read', [read('/home/u/ws/b')], 'manual', {}, { policies })).toBe('allow')
  })
  test('a policy that allows does not reach below a floor', () => {
    const policies = [{ name: 'p', rules: [], default: 'allow' }] as const
    expect(decisionOf('write', effect, 'plan', {}, { policies })).toBe('deny')
    expect(decisionOf('write', [write('/home/u/ws/.npmrc')], 'manual', {}, { policies })).toBe(
      'ask',
    )
    expect(decisionOf('write', effect, 'manual', {}, { policies })).toBe('allow')
  })
  test('deny rules hold where a floor asks', () => {
    const protectedWrite = [write('/home/u/ws/.git/config')]
    expect(decisionOf('write', protectedWrite, 'bypass', { deny: ['edit(.git)'] })).toBe('deny')
  })
  test('the strictest effect decides', () => {
    const lists = { allow: ['edit(./a)'] }
    expect(decisionOf('x', [...effect, read('/home/u/ws/b')], 'manual', lists)).toBe('allow')
    expect(decisionOf('x', [...effect, write('/home/u/ws/b')], 'manual', lists)).toBe('ask')
    expect(decisionOf('x', [...effect, read('/opt/x')], 'plan', lists)).toBe('deny')
    expect(
      decisionOf('x', [...effect, write('/home/u/ws/b')], 'manual', { deny: ['edit(./a)'] }),
    ).toBe('deny')
  })
})

describe('floors', () => {
  const everything: Lists = { allow: ['read', 'edit', 'network', 'bash', 'task', '*'] }
  const all: PermissionRule[] = [...rulesOf(everything), { decision: 'allow' }]
  test.each([
    ['write', write('/home/u/ws/.git/hooks/pre-commit')],
    ['write', write('/home/u/.ssh/authorized_keys')],
    ['bash', write('/home/u/ws')],
    ['bash', removal(home)],
  ])('no rule permits %s of %o', (tool, effect) => {
    const exact = 'target' in effect ? effect.target : ''
    const rules: PermissionRule[] = [
      ...all,
      { effect: 'write', pattern: exact, exact: true, decision: 'allow' },
    ]
    for (const mode of modes) {
      const verdict = verdictOf(tool, [effect], mode, {}, { rules })
      expect(verdict.decision).toBe(mode === 'plan' ? 'deny' : 'ask')
      expect(verdict.tier).toBe('floor')
      expect(verdict.rule).toBeUndefined()
    }
  })
  test('plan is plan', () => {
    for (const effect of [
      write('/home/u/ws/a'),
      read('/opt/a'),
      run('npm test'),
      { kind: 'network', target: 'a.test' },
      { kind: 'unknown' },
    ] as const)
      expect(decisionOf('x', [effect], 'plan', {}, { rules: all })).toBe('deny')
    expect(verdictOf('Bash', [read('/home/u/ws/a')], 'plan', {}, { rules: all })).toEqual({
      decision: 'deny',
      tier: 'floor',
      reason: 'the call of Bash is denied: plan mode runs no commands',
    })
    expect(verdictOf('x', [run('npm test')], 'plan', {}, { rules: all }).reason).toBe(
      'execute npm test is denied: it is not allowed in plan mode',
    )
  })
  test('a child gets no looser mode than its parent', () => {
    const spawn: Effect[] = [{ kind: 'spawn', target: 'fix' }]
    const asked = (args: { [key: string]: string | number | null }, mode: PermissionMode) =>
      verdictOf('task', spawn, mode, everything, { call: { tool: 'task', args } }).decision
    expect(asked({ mode: 'bypass' }, 'plan')).toBe('deny')
    expect(asked({ permissionMode: 'yolo' }, 'auto')).toBe('deny')
    expect(asked({ mode: 'acceptEdits' }, 'manual')).toBe('deny')
    expect(asked({ mode: 'anything' }, 'bypass')).toBe('deny')
    expect(asked({ mode: 5 }, 'bypass')).toBe('deny')
    expect(asked({ mode: 'plan' }, 'auto')).toBe('allow')
    expect(asked({ mode: 'auto' }, 'auto')).toBe('allow')
    expect(asked({ mode: null }, 'auto')).toBe('allow')
  })
  test('a tool that does not exist', () => {
    const verdict = verdictOf('whatever', [], 'bypass', {}, { rules: all, tools: ['read'] })
    expect(verdict).toEqual({
      decision: 'deny',
      tier: 'floor',
      reason: 'the call of whatever is denied: there is no tool whatever',
    })
    expect(verdictOf('x', [read('/a')], 'bypass', {}, { tools: ['read'] }).reason).toBe(
      'the call of x is denied: there is no tool x',
    )
    expect(decisionOf('read', [], 'bypass', {}, { tools: ['read'] })).toBe('allow')
  })
})

describe('rules about paths', () => {
  test('hold for every tool that has the effect', () => {
    const lists = { deny: ['Read(./.env)'] }
    expect(decisionOf('read', [read('/home/u/ws/.env')], 'bypass', lists)).toBe('deny')
    expect(
      decisionOf('bash', [{ ...read('/home/u/ws/.env'), part: 'cat .env' }], 'bypass', lists),
    ).toBe('deny')
    expect(decisionOf('mcp__fs__get', [read('/home/u/ws/.env')], 'bypass', lists)).toBe('deny')
    expect(decisionOf('read', [read('/home/u/ws/.env.example')], 'manual', lists)).toBe('allow')
  })
  test('a rule allows a sensitive read', () => {
    const env = [read('/home/u/ws/.env')]
    expect(verdictOf('read', env)).toEqual({
      decision: 'ask',
      tier: 'mode',
      rule: 'read(./.env)',
      reason:
        'read .env is not allowed in manual mode because it may hold keys, tokens or passwords; the rule read(./.env) would permit it',
    })
    expect(decisionOf('read', env, 'manual', { allow: ['read(./.env)'] })).toBe('allow')
    expect(decisionOf('read', env, 'plan', { allow: ['read(./.env)'] })).toBe('allow')
    expect(decisionOf('read', env, 'manual', { allow: ['read(./src/**)'] })).toBe('ask')
  })
  test('a search leaves out what it may not read; a command does not', () => {
    const tree = (target: string): Effect[] => [{ kind: 'read', target, tree: true }]
    const lists = { deny: ['read(./.env)', 'Read(./secrets/**)'] }
    for (const tool of ['grep', 'glob', 'Grep']) {
      expect(decisionOf(tool, tree('/home/u/ws'), 'manual', lists)).toBe('allow')
      expect(decisionOf(tool, tree('/home/u/ws/secrets'), 'manual', lists)).toBe('deny')
      expect(decisionOf(tool, tree('/home/u/ws/secrets/deep'), 'manual', lists)).toBe('deny')
      expect(decisionOf(tool, tree('/home/u'), 'manual')).toBe('ask')
    }
    expect(decisionOf('bash', tree('/home/u/ws'), 'manual', lists)).toBe('deny')
    expect(decisionOf('bash', tree('/home/u/ws/src'), 'manual', lists)).toBe('allow')
    const homeRoot = { roots: ['/home/u'] }
    expect(decisionOf('grep', tree('/home/u'), 'manual', {}, homeRoot)).toBe('allow')
    expect(decisionOf('bash', tree('/home/u'), 'manual', {}, homeRoot)).toBe('ask')
    expect(decisionOf('grep', tree('/home/u/.ssh'), 'manual', {}, homeRoot)).toBe('ask')
  })
  test('an allowed tree needs a rule for all of it', () => {
    const tree: Effect[] = [{ kind: 'read', target: '/opt/data', tree: true }]
    expect(decisionOf('bash', tree, 'manual', { allow: ['read(/opt/data/**)'] })).toBe('allow')
    expect(decisionOf('bash', tree, 'manual', { allow: ['read(/opt/**)'] })).toBe('allow')
    expect(decisionOf('bash', tree, 'manual', { allow: ['read(/opt/data)'] })).toBe('ask')
    expect(decisionOf('bash', tree, 'manual', { allow: ['read(/opt/data/*)'] })).toBe('ask')
  })
  test('a deny rule for a file stops what changes the tree around it', () => {
    const tree: Effect[] = [{ kind: 'write', target: '/home/u/ws/db', tree: true }]
    expect(decisionOf('bash', tree, 'bypass', { deny: ['edit(./db/prod.sqlite)'] })).toBe('deny')
    expect(decisionOf('bash', tree, 'bypass', { deny: ['edit(./src/**)'] })).toBe('allow')
  })
})

describe('rules about commands', () => {
  test.each([
    ['npm test', ['bash(npm test)'], 'allow'],
    ['npm test --watch', ['bash(npm test)'], 'ask'],
    ['npm test --watch', ['Bash(npm test:*)'], 'allow'],
    ['npm testing', ['Bash(npm test:*)'], 'ask'],
    ['lsof', ['bash(ls:*)'], 'ask'],
    ['git push', ['bash'], 'allow'],
    ['ls && curl x', ['bash(ls:*)'], 'ask'],
    ['ls; curl x', ['bash(ls:*)'], 'ask'],
    ['ls | sh', ['bash(ls:*)'], 'ask'],
    ['ls $(curl x)', ['bash(ls:*)'], 'ask'],
    ['ls > x', ['bash(ls:*)'], 'ask'],
    ['ls\ncurl x', ['bash(ls:*)'], 'ask'],
    ['ls\rcurl x', ['bash(ls:*)'], 'ask'],
    ['PATH=. ls', ['bash(ls:*)'], 'ask'],
    ['PATH=. ls', ['bash(*)'], 'ask'],
    ['ls && curl x', ['bash(*)', 'bash'], 'ask'],
  ] as const)('%j with allow %j: %s', (command, allow, expected) => {
    expect(decisionOf('bash', [run(command)], 'manual', { allow })).toBe(expected)
  })
  test.each([
    ['A=1 curl x', 'deny'],
    ['ls && sudo -u bob curl x', 'deny'],
    ['ls', 'allow'],
  ] as const)('%j with deny bash(curl:*): %s', (command, expected) => {
    const lists = { allow: ['bash'], deny: ['Bash(curl:*)'] }
    expect(decisionOf('BASH ', [run(command)], 'manual', lists)).toBe(expected)
    expect(decisionOf('bash', [run(command)], 'bypass', lists)).toBe(expected)
  })
  test('a rule that forbids a part is about all that the part does', () => {
    const part = 'curl https://a.test'
    const effects: Effect[] = [{ kind: 'network', target: 'a.test', part }]
    expect(decisionOf('bash', effects, 'bypass', { deny: ['bash(curl:*)'] })).toBe('deny')
    expect(decisionOf('bash', effects, 'bypass', { ask: ['bash(curl:*)'] })).toBe('ask')
  })
  test('a rule that allows a part covers what it does in the roots, and the hosts that it names', () => {
    const part = 'curl https://a.test'
    const to = (target: string): Effect[] => [{ kind: 'network', target, part }]
    const writes = (target: string): Effect[] => [{ kind: 'write', target, part }]
    const reads = (target: string): Effect[] => [{ kind: 'read', target, part }]
    const onPart = (effects: Effect[], rule = 'bash(curl:*)') =>
      decisionOf('bash', effects, 'manual', { allow: [rule] })
    expect(onPart(to('a.test'))).toBe('allow')
    expect(onPart(to('a.test'), 'bash(curl https://a.test:*)')).toBe('allow')
    expect(onPart(to('b.test'), 'bash(curl https://a.test:*)')).toBe('ask')
    expect(onPart(to('127.0.0.1'))).toBe('ask')
    expect(onPart(to('a.test'), 'bash(wget:*)')).toBe('ask')
    expect(onPart(writes('/home/u/ws/out'))).toBe('allow')
    expect(onPart(writes('/elsewhere/out'))).toBe('ask')
    expect(onPart(writes('/home/u/ws/.git/config'))).toBe('ask')
    expect(onPart(reads('/home/u/ws/.env'))).toBe('ask')
    expect(onPart(reads('/elsewhere/a'))).toBe('ask')
  })
  test('every part needs its own', () => {
    const two: Effect[] = [
      { kind: 'execute', target: 'npm', part: 'npm test' },
      { kind: 'execute', target: 'make', part: 'make all' },
    ]
    expect(decisionOf('bash', two, 'manual', { allow: ['bash(npm:*)'] })).toBe('ask')
    expect(decisionOf('bash', two, 'manual', { allow: ['bash(npm:*)', 'bash(make all)'] })).toBe(
      'allow',
    )
  })
  test('they are about the shell only', () => {
    expect(decisionOf('npm', [run('npm')], 'manual', { allow: ['bash(npm:*)', 'bash'] })).toBe(
      'ask',
    )
    expect(decisionOf('npm', [run('npm')], 'manual', { allow: ['npm'] })).toBe('allow')
  })
  test('who allows the shell has not allowed what could not be understood', () => {
    const unknown: Effect[] = [{ kind: 'unknown', part: '$X y' }]
    expect(decisionOf('bash', unknown, 'manual', { allow: ['bash', 'bash(*)'] })).toBe('ask')
    expect(decisionOf('bash', unknown, 'bypass', { deny: ['bash'] })).toBe('deny')
  })
  test('an exact rule is for one line, letter by letter', () => {
    const rule = { effect: 'execute', exact: true, decision: 'allow' } as const
    const line = 'a | b > c'
    const rules = [{ ...rule, tool: 'bash', pattern: line }]
    expect(decisionOf('bash', [run(line)], 'manual', {}, { rules })).toBe('allow')
    expect(decisionOf('bash', [run(`${line} `)], 'manual', {}, { rules })).toBe('ask')
    expect(decisionOf('other', [run(line)], 'manual', {}, { rules })).toBe('ask')
  })
})

describe('other rules', () => {
  test('hosts', () => {
    const fetch = (target: string): Effect[] => [{ kind: 'network', target }]
    const lists = { allow: ['WebFetch(domain:ok.test)'], deny: ['network(bad.ok.test)'] }
    expect(decisionOf('web_fetch', fetch('docs.ok.test'), 'manual', lists)).toBe('allow')
    expect(decisionOf('web_fetch', fetch('a.bad.ok.test'), 'manual', lists)).toBe('deny')
    expect(decisionOf('web_fetch', fetch('notok.test'), 'manual', lists)).toBe('ask')
    expect(decisionOf('web_fetch', fetch('x.test'), 'manual', { allow: ['WebFetch'] })).toBe(
      'allow',
    )
    expect(decisionOf('other', fetch('x.test'), 'manual', { allow: ['WebFetch'] })).toBe('ask')
    expect(decisionOf('other', fetch('x.test'), 'manual', { allow: ['network'] })).toBe('allow')
  })
  test('a local host is allowed only by its name', () => {
    const fetch: Effect[] = [{ kind: 'network', target: '127.0.0.1' }]
    for (const allow of [['WebFetch'], ['network'], ['network(*)']])
      expect(decisionOf('web_fetch', fetch, 'manual', { allow })).toBe('ask')
    expect(decisionOf('web_fetch', fetch, 'manual', { allow: ['network(127.0.0.1)'] })).toBe(
      'allow',
    )
    expect(decisionOf('web_fetch', fetch, 'bypass', { deny: ['network'] })).toBe('deny')
  })
  test('servers', () => {
    const unknown: Effect[] = [{ kind: 'unknown' }]
    expect(decisionOf('mcp__git__log', unknown, 'manual', { allow: ['mcp__git'] })).toBe('allow')
    expect(decisionOf('mcp:git.log', unknown, 'manual', { allow: ['git__log'] })).toBe('allow')
    expect(decisionOf('mcp__git__push', unknown, 'manual', { allow: ['mcp__git__log'] })).toBe(
      'ask',
    )
    expect(
      decisionOf('mcp__git__push', unknown, 'bypass', {
        allow: ['mcp__git'],
        deny: ['mcp:git.push'],
      }),
    ).toBe('deny')
  })
  test('agents', () => {
    const spawn: Effect[] = [{ kind: 'spawn', target: 'Review' }]
    expect(decisionOf('task', spawn, 'bypass', { deny: ['Task(review)'] })).toBe('deny')
    expect(decisionOf('task', spawn, 'bypass', { deny: ['Task(other)'] })).toBe('allow')
  })
  test('a pattern without a kind is read by the kind of the effect', () => {
    const rules = [{ tool: 'mine', pattern: './out/**', decision: 'allow' }] as const
    expect(decisionOf('mine', [write('/home/u/ws/out/a')], 'manual', {}, { rules })).toBe('allow')
    expect(decisionOf('mine', [write('/home/u/ws/b')], 'manual', {}, { rules })).toBe('ask')
  })
  test('a pattern that cannot be read denies, and allows nothing', () => {
    const effects = [write('/home/u/ws/a')]
    const bad = { effect: 'write', pattern: '{a,b}'.repeat(20) } as const
    const allow = [{ ...bad, decision: 'allow' }] as const
    const deny = [{ ...bad, decision: 'deny' }] as const
    expect(decisionOf('write', effects, 'manual', {}, { rules: allow })).toBe('ask')
    expect(decisionOf('write', effects, 'bypass', {}, { rules: deny })).toBe('deny')
  })
})

describe('doubt', () => {
  test('rules that could not be read', () => {
    const more = { invalidRules: true }
    const verdict = verdictOf('read', [read('/home/u/ws/a')], 'bypass', {}, more)
    expect(verdict).toEqual({
      decision: 'ask',
      tier: 'mode',
      reason:
        'read a is allowed in bypass mode, but some of the rules could not be read, so it needs an answer',
    })
    expect(decisionOf('todo', [], 'bypass', {}, more)).toBe('ask')
    expect(decisionOf('write', [write('/home/u/ws/a')], 'plan', {}, more)).toBe('deny')
  })
  test('a mode that does not exist', () => {
    const names: readonly string[] = ['dontAsk', '__proto__', 'constructor', '']
    for (const mode of names as readonly PermissionModeName[]) {
      expect(decisionOf('read', [read('/home/u/ws/a')], mode)).toBe('ask')
      expect(decisionOf('todo', [], mode)).toBe('ask')
      expect(decisionOf('write', [write('/home/u/ws/a')], mode, { allow: ['edit'] })).toBe('ask')
      expect(decisionOf('write', [write('/home/u/ws/a')], mode, { deny: ['edit'] })).toBe('deny')
    }
  })
})

describe('what an ask says', () => {
  test('the sentence of the mode names the rule', () => {
    expect(verdictOf('write', [write('/home/u/ws/src/a.ts')])).toEqual({
      decision: 'ask',
      tier: 'mode',
      rule: 'edit(./src/a.ts)',
      reason:
        'write src/a.ts is not allowed in manual mode; the rule edit(./src/a.ts) would permit it',
    })
  })
  test('of a floor there is no rule', () => {
    expect(verdictOf('write', [write('/home/u/ws/.npmrc')], 'bypass')).toEqual({
      decision: 'ask',
      tier: 'floor',
      reason:
        'write .npmrc needs an answer each time: it can make something run later; no rule permits it',
    })
  })
  test('of a rule it is the rule, with its description', () => {
    const rules = [{ tool: 'deploy', decision: 'ask', description: 'production' }] as const
    expect(verdictOf('deploy', [run('deploy')], 'bypass', {}, { rules })).toEqual({
      decision: 'ask',
      tier: 'rule',
      rule: 'deploy',
      reason: 'execute deploy needs an answer by the rule deploy (production)',
    })
  })
  test('of a line of several commands there is no rule', () => {
    const verdict = verdictOf('bash', [run('a && b')])
    expect(verdict.rule).toBeUndefined()
    expect(verdict.reason).toBe(
      'execute a && b is not allowed in manual mode; no rule can permit it',
    )
  })
  test('several asks are told together, with all their rules', () => {
    const verdict = verdictOf('x', [write('/home/u/ws/a'), { kind: 'network', target: 'a.test' }])
    expect(verdict.rule).toBe('edit(./a), network(a.test)')
    expect(verdict.reason).toContain('write a is not allowed in manual mode')
    expect(verdict.reason).toContain('network a.test is not allowed in manual mode')
  })
  test('a floor among several asks stands first and leaves no rule', () => {
    const verdict = verdictOf('x', [write('/home/u/ws/a'), write('/home/u/ws/.npmrc')])
    expect(verdict.tier).toBe('floor')
    expect(verdict.rule).toBeUndefined()
  })
  test('the named rule does permit it', () => {
    const cases: readonly [string, Effect][] = [
      ['write', write('/home/u/ws/app/[id]/{a,b} c*.ts')],
      ['write', write('/opt/x')],
      ['read', read('/')],
      ['read', read('/home/u')],
      ['read', read('/home/u/ws/.env')],
      ['grep', { kind: 'read', target: '/home/u', tree: true }],
      ['bash', { kind: 'read', target: '/', tree: true }],
      ['bash', run('npm run test -- --watch')],
      ['bash', { kind: 'execute', target: 'echo', part: 'echo "a * b"' }],
      ['deploy', run('deploy')],
      ['web_fetch', { kind: 'network', target: 'a.test' }],
      ['mcp__a__b', { kind: 'unknown' }],
    ]
    for (const [tool, effect] of cases) {
      const { decision, rule } = verdictOf(tool, [effect])
      expect(decision).toBe('ask')
      expect(rule).toBeDefined()
      expect(decisionOf(tool, [effect], 'manual', { allow: [rule ?? ''] })).toBe('allow')
    }
  })
  test('a long command is cut and stays on one line', () => {
    const { reason } = verdictOf('bash', [run(`echo a\n${'b '.repeat(1000)}`)])
    expect(reason).not.toContain('\n')
    expect(reason.length).toBeLessThan(400)
  })
})
