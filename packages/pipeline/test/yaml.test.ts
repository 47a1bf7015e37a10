import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { literal } from '../src/workflow/literal.ts'
import { toYaml, type Yaml } from '../src/yaml.ts'
import { interpolate } from './workflows/expressions.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.string({ unit: 'grapheme' })).map((lines) => lines.join('\n')),
  fc.constantFrom(
    'on',
    'yes',
    'Off',
    '~',
    '1e3',
    '0x10',
    '- a',
    'a: b',
    'a #b',
    '|',
    '> ',
    '*a',
    '&a',
    '!x',
    '%',
    '@',
    '`',
    'a:',
    '',
    ' ',
    '\n',
    'a\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n b\n',
    '2026-11-21',
    '1_000',
    '0o7',
    '12:30:45',
    'a\u2028b\nc',
    'NaN',
    '.inf',
    '---',
    '...',
    'a\n---\nb',
    'a\n...\n',
    '"',
    "'",
    '=',
    '<<',
    '{a}',
    '[a]',
    '?',
    ': ',
  ),
)
const { tree: value } = fc.letrec<{ tree: Yaml }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('every value is read again as it was, by readers of YAML 1.2 and 1.1', () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { minKeys: 1, noNullPrototype: true }), (map) => {
      const written = toYaml(map)
      expect(parse(written)).toEqual(wellFormed(map))
      if (!Object.keys(map).includes('<<'))
        expect(parse(written, { version: '1.1', merge: false })).toEqual(wellFormed(map))
    }),
    { numRuns: 500, seed: 1 },
  )
})

/** JavaScript has strings that no file has: a half of a pair becomes the sign for what is unknown, or stays as an escape. */
function wellFormed(map: unknown): unknown {
  return JSON.parse(JSON.stringify(map))
}

test('a comment stands behind its scalar', () => {
  expect(toYaml({ uses: 'a@b', on: 'x' }, { 'a@b': 'v1' })).toBe('uses: a@b # v1\n"on": x\n')
})

test('GitHub gives a text back as it was written', () => {
  const part = fc.constantFrom('${{', '}}', '$', '{', "'", ' secrets.X ', 'a')
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const prompt = parts.join('')
      expect(interpolate(literal(prompt), { contexts: {}, hasFailed: false })).toBe(prompt)
    }),
    { seed: 1 },
  )
})
