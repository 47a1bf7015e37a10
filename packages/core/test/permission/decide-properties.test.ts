import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { decide } from '../../src/permission/decide.ts'
import type {
  DecideInput,
  Decision,
  PermissionMode,
  PermissionRule,
  Policy,
} from '../../src/permission/permission.ts'
import { parseRules } from '../../src/permission/rules.ts'
import type { Effect } from '../../src/tool/effects.ts'

const seed = Number(process.env['HARNEXT_SEED'] ?? 20261121)
const numRuns = Number(process.env['HARNEXT_COUNT'] ?? 300)
vi.setConfig({ testTimeout: 120_000 })
const check = <T>(property: fc.IProperty<T>): void => fc.assert(property, { seed, numRuns })

const roots = ['/home/u/ws', '/data']
const home = '/home/u'
const modes: readonly PermissionMode[] = ['plan', 'manual', 'accept_edits', 'auto', 'bypass']
const strictness: readonly Decision[] = ['allow', 'ask', 'deny']
const level = (input: DecideInput): number => strictness.indexOf(decide(input).decision)

const paths = [
  '/home/u/ws/a.ts',
  '/home/u/ws/src/b.ts',
  '/home/u/ws/.env',
  '/home/u/ws',
  '/data/x',
  '/home/u/.ssh/id_rsa',
  '/opt/x',
  '/',
]
const protectedPaths = [
  '/home/u/ws/.git/config',
  '/home/u/ws/.npmrc',
  '/home/u/.bashrc',
  '/data/.GIT/hooks/x',
  '/home/u/ws',
  '/',
]
const commands = ['npm test', 'curl a.test', 'ls && curl a.test', 'rm -rf /', 'A=1 npm test']
const tools = ['read', 'write', 'bash', 'grep', 'task', 'web_fetch', 'mcp__git__log', 'mine']
const patterns = [
  ...paths,
  ...protectedPaths,
  ...commands,
  '**',
  '*',
  './**',
  './src/**',
  './.env',
  '~/**',
  '/**',
  'npm:*',
  'curl *',
  'a.test',
  'test',
  '{a,b',
  '[',
  '',
]

const pathEffect = (kind: 'read' | 'write', targets: readonly string[]): fc.Arbitrary<Effect> =>
  fc
    .record({ target: fc.constantFrom(...targets), tree: fc.boolean() })
    .map(({ target, tree }) => ({
      kind,
      target,
      ...(tree && { tree }),
    }))
const textEffect = (
  kind: 'execute' | 'network' | 'spawn',
  targets: readonly string[],
): fc.Arbitrary<Effect> =>
  fc
    .record({ target: fc.constantFrom(...targets), part: fc.option(fc.constantFrom(...commands)) })
    .map(({ target, part }) => ({ kind, target, ...(part !== null && { part }) }))
const anyEffect: fc.Arbitrary<Effect> = fc.oneof(
  pathEffect('read', [...paths, ...protectedPaths]),
  pathEffect('write', [...paths, ...protectedPaths]),
  textEffect('execute', commands),
  textEffect('network', ['a.test', 'b.a.test', '127.0.0.1']),
  textEffect('spawn', ['explore']),
  fc.constant<Effect>({ kind: 'unknown' }),
)
const anyRule: fc.Arbitrary<PermissionRule> = fc
  .record({
    decision: fc.constantFrom<Decision>('allow', 'ask', 'deny'),
    tool: fc.option(fc.constantFrom(...tools, 'mcp__git', '*')),
    effect: fc.option(
      fc.constantFrom('read', 'write', 'execute', 'network', 'spawn', 'unknown' as const),
    ),
    pattern: fc.option(fc.constantFrom(...patterns)),
    exact: fc.boolean(),
  })
  .map(({ decision, tool, effect, pattern, exact }) => ({
    decision,
    ...(tool !== null && { tool }),
    ...(effect !== null && { effect }),
    ...(pattern !== null && { pattern }),
    ...(pattern !== null && exact && { exact }),
  })) as fc.Arbitrary<PermissionRule>
const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    rules: fc.array(anyRule, { maxLength: 3 }),
    fallback: fc.option(fc.constantFrom<Decision>('allow', 'ask', 'deny')),
  })
  .map(({ rules, fallback }) => ({
    name: 'p',
    rules,
    ...(fallback !== null && { default: fallback }),
  }))
const anyInput: fc.Arbitrary<DecideInput> = fc
  .record({
    mode: fc.constantFrom(...modes),
    rules: fc.array(anyRule, { maxLength: 5 }),
    policies: fc.array(anyPolicy, { maxLength: 2 }),
    tool: fc.constantFrom(...tools),
    effects: fc.array(anyEffect, { minLength: 1, maxLength: 4 }),
    sandboxed: fc.boolean(),
  })
  .map(({ tool, ...input }) => ({ ...input, call: { tool, args: {} }, roots, home }))

test('one more rule that denies never loosens', () => {
  check(
    fc.property(anyInput, anyRule, (input, rule) => {
      const more = { ...input, rules: [...(input.rules ?? []), { ...rule, decision: 'deny' }] }
      expect(level(more as DecideInput)).toBeGreaterThanOrEqual(level(input))
    }),
  )
})

// A rule stands above the policies: one that asks may take the place of a policy that denies, and of nothing else.
test('one more rule that asks never loosens what rules, floors and the mode say', () => {
  check(
    fc.property(anyInput, anyRule, (input, rule) => {
      const before = { ...input, policies: [] }
      const more = { ...before, rules: [...(input.rules ?? []), { ...rule, decision: 'ask' }] }
      expect(level(more as DecideInput)).toBeGreaterThanOrEqual(level(before))
    }),
  )
})

test('one more rule that allows never tightens', () => {
  check(
    fc.property(anyInput, anyRule, (input, rule) => {
      const more = { ...input, rules: [...(input.rules ?? []), { ...rule, decision: 'allow' }] }
      expect(level(more as DecideInput)).toBeLessThanOrEqual(level(input))
    }),
  )
})

test('one more effect never loosens', () => {
  check(
    fc.property(anyInput, anyEffect, (input, effect) => {
      for (const effects of [
        [...input.effects, effect],
        [effect, ...input.effects],
      ])
        expect(level({ ...input, effects })).toBeGreaterThanOrEqual(level(input))
    }),
  )
})

test('the order of rules and effects does not matter', () => {
  check(
    fc.property(anyInput, (input) => {
      const turned = {
        ...input,
        rules: (input.rules ?? []).toReversed(),
        effects: input.effects.toReversed(),
      }
      expect(level(turned)).toBe(level(input))
    }),
  )
})

test('a looser mode never tightens', () => {
  check(
    fc.property(anyInput, (input) => {
      const levels = modes.map((mode) => level({ ...input, mode }))
      expect(levels).toEqual(levels.toSorted((a, b) => b - a))
    }),
  )
})

test('plan lets nothing change, run or leave, whatever the rules and policies', () => {
  check(
    fc.property(anyInput, (input) => {
      const isHarmless = (effect: Effect): boolean =>
        effect.kind === 'spawn' ||
        (effect.kind === 'read' && roots.some((root) => `${effect.target}/`.startsWith(`${root}/`)))
      const mayPass = input.effects.every(isHarmless) && input.call.tool !== 'bash'
      const { decision } = decide({ ...input, mode: 'plan' })
      expect(mayPass || decision === 'deny').toBe(true)
    }),
  )
})

test('no rule and no policy lets a protected path be written', () => {
  check(
    fc.property(anyInput, pathEffect('write', protectedPaths), (input, effect) => {
      const { decision } = decide({ ...input, effects: [...input.effects, effect] })
      expect(decision).not.toBe('allow')
    }),
  )
})

test('rules that could not be read, and a mode that does not exist, allow nothing', () => {
  check(
    fc.property(anyInput, (input) => {
      expect(decide({ ...input, invalidRules: true }).decision).not.toBe('allow')
      expect(decide({ ...input, mode: 'other' as PermissionMode }).decision).not.toBe('allow')
    }),
  )
})

test('a line with anything but plain words is not covered by a pattern', () => {
  const special = fc.constantFrom(...Array.from(';&|<>`$(){}\n\r*?~\'"\\#![]\0\u00a0'))
  check(
    fc.property(fc.string(), special, fc.string(), (before, char, after) => {
      const { decision } = decide({
        mode: 'manual',
        rules: [
          ...parseRules(['bash', 'bash(*)', 'bash(a*)', 'bash(npm:*)'], 'allow').rules,
          { tool: 'bash', decision: 'allow' },
          { decision: 'allow' },
        ],
        call: { tool: 'bash', args: {} },
        effects: [{ kind: 'execute', target: `npm ${before}${char}${after}` }],
        roots,
        home,
      })
      expect(decision).toBe('ask')
    }),
  )
})

test('a denied program is found behind any words that a separator ends', () => {
  const words = fc.stringMatching(/^[a-z0-9 ./:=-]{0,20}$/)
  const separator = fc.constantFrom(';', '&&', '||', '|', '&', '\n', '$(', '`', '(', '{ ')
  check(
    fc.property(words, separator, words, (before, cut, after) => {
      const { decision } = decide({
        mode: 'bypass',
        rules: parseRules(['bash(curl:*)'], 'deny').rules,
        call: { tool: 'bash', args: {} },
        effects: [{ kind: 'execute', target: `${before}${cut}curl ${after}` }],
        roots,
        home,
      })
      expect(decision).toBe('deny')
    }),
  )
})

test('nothing makes the parser or the engine throw', () => {
  check(
    fc.property(
      fc.string(),
      fc.string(),
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      (pattern, target, anything) => {
        const texts = ['read', 'edit', 'bash', 'network', 'grep', 'task', 'x'].map(
          (name) => `${name}(${pattern})`,
        )
        const { rules } = parseRules([pattern, ...texts, anything], 'deny')
        const loose = texts.map(() => ({ pattern, decision: 'allow' as const }))
        const kinds = ['read', 'write', 'execute', 'network', 'spawn'] as const
        const effects = kinds.flatMap((kind) => [
          { kind, target },
          { kind, target: `/${target}` },
        ])
        const decisions = effects.flatMap((effect) =>
          ['bash', target].map((tool) => {
            const call = { tool, args: null }
            const input = { call, effects: [effect], rules: [...rules, ...loose], roots, home }
            return decide({ ...input, mode: 'auto' }).decision
          }),
        )
        expect(decisions.every((decision) => strictness.includes(decision))).toBe(true)
      },
    ),
  )
})
