import { expect, test } from 'vitest'
import { answerForm, fieldQuestion, readField, type Field } from '../src/answer-form.ts'

const field = (schema: Field['schema'], isRequired = true): Field => ({
  name: 'size',
  schema,
  isRequired,
})

test.each([
  [{ type: 'string' }, 'size', []],
  [{ type: 'string', title: 'Size', description: 'of the shoe' }, 'Size (of the shoe)', []],
  [{ type: 'boolean', default: false }, 'size (yes or no; default false)', []],
  [{ type: 'string', enum: ['s', 'l'], enumNames: ['Small', 'Large'] }, 'size', ['Small', 'Large']],
  [{ oneOf: [{ const: 's', title: 'Small' }] }, 'size', ['Small']],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, 'size (several, with commas)', ['a', 'b']],
])('%j is asked as %s', (schema, question, options) => {
  expect(fieldQuestion(field(schema))).toEqual({ question, options })
})

test.each<[Field['schema'], string, unknown]>([
  [{ type: 'string' }, 'a', 'a'],
  [{ type: 'string', maxLength: 1 }, 'ab', 'It must have at most 1 characters.'],
  [{ type: 'string', minLength: 2 }, 'a', 'It must have at least 2 characters.'],
  [{ type: 'string' }, '', 'This is needed.'],
  [{ type: 'string', default: 'x' }, '', 'x'],
  [{ type: 'number' }, '1.5', 1.5],
  [{ type: 'integer' }, '1.5', 'It must be a whole number.'],
  [{ type: 'number' }, 'one', 'It must be a number.'],
  [{ type: 'number', minimum: 2 }, '1', 'It must be at least 2.'],
  [{ type: 'number', maximum: 2 }, '3', 'It must be at most 2.'],
  [{ type: 'boolean' }, 'YES', true],
  [{ type: 'boolean' }, 'n', false],
  [{ type: 'boolean' }, 'maybe', 'It must be yes or no.'],
  [{ enum: ['s', 'l'], enumNames: ['Small', 'Large'] }, 'Large', 'l'],
  [{ enum: ['s', 'l'] }, '2', 'l'],
  [{ enum: ['s', 'l'] }, 'm', 'It must be one of these.'],
  [{ type: 'array', items: { enum: ['a', 'b', 'c'] } }, 'a, 3', ['a', 'c']],
  [
    { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } },
    'A, z',
    'Each must be one of these.',
  ],
])('for %j %j is %j', (schema, line, expected) => {
  const read = readField(field(schema), line)
  expect('problem' in read ? read.problem : read.value).toEqual(expected)
})

test('a field that may be empty is left out', () => {
  expect(readField(field({ type: 'number' }, false), '')).toEqual({ value: undefined })
})

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['age'],
}

test.each<[(string | null)[], object]>([
  [['answer', 'Ada', 'x', '36'], { action: 'accept', content: { name: 'Ada', age: 36 } }],
  [['y', '', '36'], { action: 'accept', content: { age: 36 } }],
  [[''], { action: 'decline' }],
  [['Ada'], { action: 'decline' }],
  [['decline'], { action: 'decline' }],
  [[null], { action: 'cancel' }],
  [['answer', 'Ada', null], { action: 'cancel' }],
])('%j gives %j', async (lines, expected) => {
  const asked: string[] = []
  const answer = await answerForm(
    { server: 's\n', message: 'Who?', schema },
    async ({ question }) => {
      asked.push(question)
      return lines[asked.length - 1] ?? null
    },
    new AbortController().signal,
  )
  expect(answer).toEqual(expected)
  expect(asked).toHaveLength(lines.length)
  expect(asked[0]).toMatch(/^The MCP server s\S+ asks: Who\?$/)
})

test('an address is shown whole, and there is nothing to fill in', async () => {
  const asked: string[] = []
  const answer = await answerForm(
    { server: 's', message: 'Agree', url: 'https://a.test/x' },
    async ({ question, options }) => {
      asked.push(question)
      return options[0] ?? null
    },
    new AbortController().signal,
  )
  expect(asked).toEqual(['The MCP server s wants you to open https://a.test/x: Agree'])
  expect(answer).toEqual({ action: 'accept' })
})
