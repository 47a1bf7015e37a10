import { expect, test } from 'vitest'
import { PermissionConfig, decide, type Effect } from '../../src/index.ts'

const roots = ['/w']
const on = (config: PermissionConfig, tool: string, effect: Effect): string =>
  decide({
    mode: 'manual',
    rules: config.rules,
    call: { tool, args: {} },
    effects: [effect],
    roots,
  }).decision

test('rules by tool and argument are ordinary rules about effects', () => {
  const config = new PermissionConfig()
    .addDeny('Bash', { command: 'rm -rf*' })
    .addAllow('Bash', { command: 'npm test' })
    .addDeny('Read', { file_path: '*.env*' })
    .addAllow('Write', { path: 'src/**' })
    .addAsk('mcp__github')
  expect(on(config, 'bash', { kind: 'execute', target: 'rm -rf build' })).toBe('deny')
  expect(on(config, 'bash', { kind: 'execute', target: 'npm test' })).toBe('allow')
  expect(on(config, 'read', { kind: 'read', target: '/w/deep/.env.local' })).toBe('deny')
  expect(on(config, 'write', { kind: 'write', target: '/w/src/a.ts' })).toBe('allow')
  expect(on(config, 'mcp__github__list', { kind: 'unknown' })).toBe('ask')
})

test('what no rule can be about is refused', () => {
  expect(() => new PermissionConfig().addDeny('Write', { content: 'x' })).toThrow(/content.*Write/)
  expect(() => new PermissionConfig().addDeny('a', { command: 'b', path: 'c' })).toThrow(
    /one pattern/,
  )
})
