import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readOutputSchema } from '../src/output-schema.ts'
import { UsageError } from '../src/usage-error.ts'
import { makePlace } from './harnext-process.ts'

test('a schema stands in the argument, or in a file', async () => {
  const { cwd } = await makePlace()
  await writeFile(join(cwd, 'answer.json'), '{"type": ["object", "null"]}')
  expect(readOutputSchema(' {"type":"object"}', cwd)).toEqual({ type: 'object' })
  expect(readOutputSchema('answer.json', cwd)).toEqual({ type: ['object', 'null'] })
})

test.each([
  ['nowhere.json', /^--output-schema cannot be read: .*nowhere\.json/],
  ['list.json', /^--output-schema .*list\.json must be a JSON object; got \[1\]\.$/],
  ['{"type"', /^--output-schema is no JSON: /],
  ['{"type":"objekt"}', /^--output-schema: type at \$ must be one of object, .*; got "objekt"\.$/],
  [
    '{"properties":{"files":{"items":{"type":3}}}}',
    /^--output-schema: type at \$\.files\[\] must be .*; got 3\.$/,
  ],
])('%s is refused with a sentence', async (given, sentence) => {
  const { cwd } = await makePlace()
  await writeFile(join(cwd, 'list.json'), '[1]')
  expect(() => readOutputSchema(given, cwd)).toThrow(UsageError)
  expect(() => readOutputSchema(given, cwd)).toThrow(sentence)
})
