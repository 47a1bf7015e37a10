import { expect, test } from 'vitest'
import type { Policy } from '../../src/permission/permission.ts'
import { evaluatePolicies } from '../../src/permission/policy.ts'
import type { Effect } from '../../src/tool/effects.ts'

const policies: readonly Policy[] = [
  {
    name: 'first',
    rules: [
      { tool: 'deploy', decision: 'deny' },
      { effect: 'write', pattern: './a/**', decision: 'allow' },
      { effect: 'write', pattern: './a/b', decision: 'deny' },
    ],
  },
  { name: 'second', rules: [{ effect: 'write', decision: 'ask' }], default: 'deny' },
  { name: 'never reached', rules: [{ decision: 'allow' }] },
]
const evaluate = (tool: string, effect: Effect | null) => {
  const verdict = evaluatePolicies(policies, { roots: ['/ws'], tool, effect })
  return verdict && [verdict.decision, verdict.policy]
}

test('the first rule that matches decides, then the default of its file', () => {
  expect(evaluate('write', { kind: 'write', target: '/ws/a/b' })).toEqual(['allow', 'first'])
  expect(evaluate('write', { kind: 'write', target: '/ws/c' })).toEqual(['ask', 'second'])
  expect(evaluate('read', { kind: 'read', target: '/ws/c' })).toEqual(['deny', 'second'])
})
test('a call without effects meets the rules that name it, and no default', () => {
  expect(evaluate('deploy', null)).toEqual(['deny', 'first'])
  expect(evaluate('todo', null)).toBeNull()
})
test('no policies say nothing', () => {
  expect(evaluatePolicies([], { roots: [], tool: 'x', effect: { kind: 'unknown' } })).toBeNull()
})
