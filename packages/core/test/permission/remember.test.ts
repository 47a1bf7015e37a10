import { expect, test } from 'vitest'
import { decide } from '../../src/permission/decide.ts'
import { rulesToRemember } from '../../src/permission/remember.ts'
import type { Effect } from '../../src/tool/effects.ts'

const roots = ['/ws']
const decisionOf = (tool: string, effect: Effect, remembered: readonly Effect[], by = tool) =>
  decide({
    mode: 'manual',
    rules: rulesToRemember(remembered, by),
    call: { tool, args: {} },
    effects: [effect],
    roots,
  }).decision

test('each effect has its own rule, once', () => {
  const effects: Effect[] = [
    { kind: 'write', target: '/ws/a*' },
    { kind: 'write', target: '/ws/a*' },
    { kind: 'network', target: 'a.test' },
    { kind: 'execute', target: 'git', part: 'git push' },
    { kind: 'unknown', part: '$X' },
  ]
  expect(rulesToRemember(effects, 'bash')).toEqual([
    { effect: 'write', pattern: '/ws/a*', exact: true, decision: 'allow' },
    { effect: 'network', pattern: 'a.test', exact: true, decision: 'allow' },
    { tool: 'bash', effect: 'execute', pattern: 'git push', exact: true, decision: 'allow' },
    { tool: 'bash', effect: 'unknown', pattern: '$X', exact: true, decision: 'allow' },
  ])
})

test('exactly these effects are granted again', () => {
  const cases: readonly [tool: string, effect: Effect, near: readonly Effect[]][] = [
    [
      'write',
      { kind: 'write', target: '/ws/a*' },
      [
        { kind: 'write', target: '/ws/ab' },
        { kind: 'write', target: '/ws/A*' },
        { kind: 'write', target: '/ws/a*', tree: true },
        { kind: 'write', target: '/ws/a*/b' },
      ],
    ],
    ['read', { kind: 'read', target: '/opt/x' }, [{ kind: 'write', target: '/opt/x' }]],
    [
      'bash',
      { kind: 'read', target: '/opt/[x]', tree: true },
      [{ kind: 'read', target: '/opt/x', tree: true }],
    ],
    [
      'bash',
      { kind: 'execute', target: 'a | b' },
      [
        { kind: 'execute', target: 'a | b ' },
        { kind: 'execute', target: 'a' },
      ],
    ],
    [
      'web_fetch',
      { kind: 'network', target: 'a.test' },
      [
        { kind: 'network', target: 'b.a.test' },
        { kind: 'network', target: 'test' },
      ],
    ],
    ['mcp__a__b', { kind: 'unknown' }, []],
  ]
  for (const [tool, effect, near] of cases) {
    expect(decisionOf(tool, effect, [])).toBe('ask')
    expect(decisionOf(tool, effect, [effect])).toBe('allow')
    for (const other of near) expect(decisionOf(tool, other, [effect])).toBe('ask')
  }
  expect(decisionOf('mcp__a__c', { kind: 'unknown' }, [{ kind: 'unknown' }], 'mcp__a__b')).toBe(
    'ask',
  )
})

test('what the shell could not name cannot be remembered', () => {
  expect(rulesToRemember([{ kind: 'unknown' }], 'bash')).toEqual([])
})

test('a floor cannot be remembered away', () => {
  const effect: Effect = { kind: 'write', target: '/ws/.git/config' }
  expect(decisionOf('write', effect, [effect])).toBe('ask')
})
