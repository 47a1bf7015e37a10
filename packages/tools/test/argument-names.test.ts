import { expect, test } from 'vitest'
import { bash, edit, glob, grep, ls, read, write } from '../src/index.ts'
import { call, place } from './helpers.ts'

test.each([
  [read, { file_path: 'a.txt' }],
  [read, { filePath: 'a.txt', limit: 1 }],
  [write, { FilePath: 'b.txt', contents: 'x' }],
  [write, { path: 'b.txt', file_text: 'x' }],
  [edit, { file_path: 'a.txt', old_str: 'one', new_str: 'two' }],
  [edit, { filePath: 'a.txt', oldString: 'one', newString: 'two', replaceAll: true }],
  [glob, { pattern: '*', directory: '.' }],
  [grep, { pattern: 'one', include: '*.txt', '-i': true, '-C': 1, head_limit: 3 }],
  [grep, { query: 'one', dirPath: '.', max_results: 3 }],
  [ls, { dirPath: '.' }],
  [bash, { cmd: 'true' }],
])('%o understands %j', async (tool, args) => {
  const { workspace } = await place({ 'a.txt': 'one\n' })
  expect(await call(tool, args as never, workspace)).toMatchObject({ isError: false })
})

test('its own name wins, and what nobody knows stays wrong', async () => {
  const { workspace } = await place({ a: 'this', b: 'that' })
  expect((await call(read, { path: 'a', file_path: 'b' }, workspace)).text).toContain('this')
  const outcome = await call(read, { path: 'a', colour: 'red' }, workspace)
  expect(outcome).toMatchObject({ code: 'invalid', text: expect.stringContaining('colour') })
})
