import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SessionCache, answerTool, handleHook, handleTools, isInline } from '../../src/index.ts'
import { fileHandles } from '../../src/node.ts'
import { call } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'

test('names become identifiers, taken ones get a number, and what is not JSON is refused', async () => {
  const cache = new SessionCache()
  expect(await cache.put('my table', [1])).toBe('my_table')
  expect(await cache.put('my table', [2])).toBe('my_table_2')
  expect(await cache.put('my table', [3], { overwrite: true })).toBe('my_table')
  expect(await cache.put('2024', 1)).toBe('value_2024')
  expect(await cache.get('my_table')).toEqual([3])
  expect(() => cache.put('bad', { a: [() => 1] } as never)).toThrow(/not at \$\.a\[0\]/)
  await expect(cache.get('gone')).rejects.toThrow(/"gone"\. The handles are: .*my_table_2/)
  expect(cache.list().map(({ handle }) => handle)).toEqual(['my_table', 'value_2024', 'my_table_2'])
  expect([await cache.delete('value_2024'), await cache.delete('value_2024')]).toEqual([
    true,
    false,
  ])
})

test('snapshots say what a value is, and are made once', async () => {
  const cache = new SessionCache({ sampleSize: 2 })
  const rows = Array.from({ length: 3 }, (_, n) => ({ n, name: `row ${n}` }))
  await cache.put('rows', rows, { semantics: { unit: 'EUR' } })
  await cache.put('text', 'ä'.repeat(300))
  await cache.put('object', { a: 1, b: 2, c: 3 })
  await cache.put('number', 7)
  expect(cache.list().map(({ snapshot }) => snapshot)).toEqual([
    { type: 'number', value: 7 },
    { type: 'object', total_keys: 3, sample_keys: ['a', 'b'], sample: { a: 1, b: 2 } },
    { type: 'text', length: 300, lines: 1, sample: `${'ä'.repeat(200)}…` },
    { type: 'list', length: 3, columns: ['n', 'name'], sample: rows.slice(0, 2), unit: 'EUR' },
  ])
})

test('above the limit the values that were not used for longest lie on disk, and come back; closing removes them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'harnext-handles-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const cache = new SessionCache({
    hotLimit: 2,
    storage: fileHandles(path.join(folder, 'handles')),
  })
  for (const name of ['a', 'b', 'c']) await cache.put(name, { name })
  expect(cache.list().map(({ handle, location }) => [handle, location])).toEqual([
    ['c', 'memory'],
    ['b', 'memory'],
    ['a', 'disk'],
  ])
  expect(await Promise.all(['a', 'b', 'c', 'a'].map((handle) => cache.get(handle)))).toEqual(
    ['a', 'b', 'c', 'a'].map((name) => ({ name })),
  )
  await cache.close()
  expect(await readdir(path.join(folder, 'handles'))).toEqual([])
  expect(() => new SessionCache({ hotLimit: 1 })).toThrow(/needs a storage/)
  expect(() => new SessionCache({ sampleSize: 0 })).toThrow(/sampleSize must be a whole number/)
})

test.each([
  ['a'.repeat(500), true],
  ['a'.repeat(501), false],
  [Array.from({ length: 20 }, () => 1), true],
  [Array.from({ length: 21 }, () => 1), false],
  [{ a: 'x'.repeat(1990) }, true],
  [{ a: 'x'.repeat(2000) }, false],
  [7, true],
])('what is inline: %#', (value, expected) => {
  expect(isInline(value)).toBe(expected)
})

test('a large result is kept under a handle, which the model reads by parts; a small one and an error stay', async () => {
  const cache = new SessionCache()
  const rows = Array.from({ length: 50 }, (_, n) => ({ n }))
  const { agent } = agentOf(
    [
      [call('1', 'query'), call('2', 'small'), call('3', 'broken')],
      [
        call('4', 'list_handles'),
        call('5', 'read_handle', { handle: 'query', offset: 48 }),
        call('6', 'read_handle', { handle: 'query', path: '3.n' }),
        call('7', 'read_handle', { handle: 'query', path: '3.x' }),
      ],
      'done',
    ],
    {
      tools: [
        stub('query', () => rows),
        stub('small', () => [1]),
        stub('broken', () => {
          throw new Error('x'.repeat(600))
        }),
        ...handleTools(cache),
      ],
      hooks: handleHook(cache),
    },
  )
  const { steps } = await agent.run([], 'go').result
  const outputs = steps.map(({ output }) => output)
  expect(outputs[0]).toContain('Saved as `query`')
  expect(outputs[0]).toContain('"length":50,"columns":["n"]')
  expect(outputs[1]).toBe('[1]')
  expect(outputs[2]).toHaveLength(600)
  expect(outputs[3]).toMatch(/^query \(\d+ characters\): /)
  expect(outputs.slice(4, 6)).toEqual(['{"n":48}\n{"n":49}\n(48 to 50 of 50)', '3'])
  expect(steps[6]).toMatchObject({
    status: 'error',
    output: expect.stringContaining('nothing at "x"'),
  })
})

test('the answer tool fills the slot of the output: the last good call of this run', async () => {
  const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] }
  const steps = [
    [call('1', 'answer', { value: { total: 'many' } })],
    [call('2', 'answer', { value: { total: 1 } })],
    [call('3', 'answer', { value: { total: 2 } })],
    'Two.',
    'Nothing.',
  ]
  const { agent } = agentOf(steps, { tools: [answerTool(schema)] })
  const first = await agent.run([], 'go').result
  expect(first.steps.map(({ status }) => status)).toEqual(['error', 'ok', 'ok'])
  expect([first.output, first.text]).toEqual([{ total: 2 }, 'Two.'])
  expect((await agent.run(first.messages, 'on').result).output).toBeNull()
  const both = agentOf([[call('1', 'answer', { value: { total: 5 } })], 'Five.'], {
    tools: [answerTool(schema)],
    outputSchema: schema,
  })
  expect((await both.agent.run([], 'go').result).output).toEqual({ total: 5 })
})
