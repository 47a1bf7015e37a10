import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { conflicts, isBelow, waves } from '../../src/tool/concurrency.ts'
import type { Effect } from '../../src/tool/effects.ts'

const path = fc.constantFrom('/', '/w', '/w/a', '/w/a/b', '/w/ab', '/x')
const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constantFrom('read', 'write'), target: path }),
  fc.record({
    kind: fc.constantFrom('execute', 'network', 'spawn'),
    target: fc.constantFrom('a', 'b'),
  }),
  fc.constant<Effect>({ kind: 'unknown' }),
)
const calls = fc.array(fc.array(effect, { maxLength: 3 }), { maxLength: 12 })

test('no two calls of a wave conflict; conflicting calls keep their order; a call never waits without a reason', () => {
  fc.assert(
    fc.property(calls, (all) => {
      const given = all.map((effects, index) => ({ index, start: { effects } }))
      const planned = waves(given)
      const waveOf = new Map(
        planned.flatMap((wave, at) => wave.map((call) => [call.index, at] as const)),
      )
      expect(waveOf.size).toBe(given.length)
      for (const wave of planned)
        expect(wave.map(({ index }) => index)).toEqual(
          wave.map(({ index }) => index).toSorted((a, b) => a - b),
        )
      for (const call of given) {
        const mine = waveOf.get(call.index) ?? NaN
        const earlier = given
          .slice(0, call.index)
          .filter((other) => conflicts(other.start.effects, call.start.effects))
        for (const other of earlier) expect(waveOf.get(other.index)).toBeLessThan(mine)
        expect(mine).toBe(
          1 + Math.max(-1, ...earlier.map((other) => waveOf.get(other.index) ?? NaN)),
        )
      }
    }),
    { seed: 2 },
  )
})

test('conflicts are symmetric, and what touches nothing conflicts with nothing', () => {
  fc.assert(
    fc.property(fc.array(effect), fc.array(effect), (a, b) => {
      expect(conflicts(a, b)).toBe(conflicts(b, a))
      expect(conflicts(a, [])).toBe(false)
    }),
    { seed: 2 },
  )
})

const read = (target: string): Effect => ({ kind: 'read', target })
const write = (target: string): Effect => ({ kind: 'write', target })
const run: Effect = { kind: 'execute', target: 'ls' }
const net: Effect = { kind: 'network', target: 'a.test' }
const spawn: Effect = { kind: 'spawn', target: 'kid' }
const unknown: Effect = { kind: 'unknown' }

test.each([
  ['two reads of one file', read('/a'), read('/a'), false],
  ['a read beside a write of it', read('/a'), write('/a'), true],
  ['two writes of one file', write('/a'), write('/a'), true],
  ['writes of two files', write('/a'), write('/b'), false],
  ['a write below what is read', read('/w'), write('/w/a/b'), true],
  ['a write of a folder that holds what is read', read('/w/a'), write('/w'), true],
  ['a name that only begins alike', read('/w/ab'), write('/w/a'), false],
  ['a write beside a command', write('/a'), run, true],
  ['a read beside a command', read('/a'), run, false],
  ['two commands', run, run, false],
  ['the unknown beside a read', unknown, read('/a'), true],
  ['the unknown beside a command', unknown, run, true],
  ['the unknown beside the unknown', unknown, unknown, true],
  ['the unknown beside the network', unknown, net, false],
  ['the unknown beside a child', unknown, spawn, false],
  ['a write beside the network', write('/a'), net, false],
] as const)('%s', (_, a, b, expected) => {
  expect([conflicts([a], [b]), conflicts([b], [a])]).toEqual([expected, expected])
})

test('below is by segments, and strictly', () => {
  expect([
    isBelow('/w/a', '/w'),
    isBelow('/w', '/w'),
    isBelow('/wa', '/w'),
    isBelow('/a', '/'),
  ]).toEqual([true, false, false, true])
})
