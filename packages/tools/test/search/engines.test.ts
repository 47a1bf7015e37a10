import { spawnSync } from 'node:child_process'
import type { Json } from '@harnext/core'
import { expect, test } from 'vitest'
import { grepWith } from '../../src/grep.ts'
import { findRipgrep } from '../../src/search/ripgrep.ts'
import { call, place } from '../helpers.ts'

const rounds = 40
const pieces = String.raw`a b x . \d \w \s \S \D \W ^ $ [a-c] [^a] [^\s] [\w.] (a|b) (?:ab) é ß Σ 😀 { } ] \. \/ - = []a] [a-] [&&x] \x41 \u00e9 \t [[:alpha:]] \p{L} " # ~ |`
const repetitions = ['', '', '', '', '*', '+', '?', '{2}', '{1,2}', '*?', '{,2}']
const letters = 'abcxABéÉßσΣ1². \u00A0\t-{}][#~&"=\\/\r\u2028\uFEFF😀'

/** Numbers that are the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function fileOf(next: (below: number) => number): Buffer {
  const end = next(3) === 0 ? '\r\n' : '\n'
  const characters = Array.from(letters)
  const line = (): string =>
    Array.from({ length: next(12) }, () => characters[next(characters.length)]).join('')
  const broken = (): Buffer => (next(12) === 0 ? Buffer.of(128 + next(128)) : Buffer.of())
  const lines = Array.from({ length: 30 }, () =>
    Buffer.concat([Buffer.from(line()), broken(), Buffer.from(end)]),
  )
  return Buffer.concat(next(2) ? lines : [...lines, Buffer.from('last')])
}

test('ripgrep and the search without it find the same', { timeout: 120_000 }, async ({ skip }) => {
  if (spawnSync('sh', ['-c', 'command -v rg']).status !== 0) skip('ripgrep is not here')
  const next = random(20261121)
  const names = ['one', 'two', 'three']
  const { workspace } = await place(Object.fromEntries(names.map((name) => [name, fileOf(next)])))
  const choices = pieces.split(' ')
  let found = 0
  for (let round = 0; round < rounds; round++) {
    const pattern = Array.from(
      { length: 1 + next(5) },
      () => `${choices[next(choices.length)]}${repetitions[next(repetitions.length)]}`,
    ).join('')
    const args: Json = { pattern, context: next(3), ignore_case: next(3) === 0 }
    const without = await call(
      grepWith(async () => null),
      args,
      workspace,
    )
    const fast = await call(grepWith(findRipgrep), args, workspace)
    expect({ args, text: fast.text }).toEqual({ args, text: without.text })
    if (!without.isError && without.text !== 'No matches.') found++
  }
  expect(found).toBeGreaterThan(rounds / 4)
})
