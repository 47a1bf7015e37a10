import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import * as errors from '../src/errors.ts'
import * as sdk from '../src/index.ts'

const named = [
  'Harnext',
  'Session',
  'Harness',
  'Runner',
  'tool',
  'skill',
  'ToolResult',
  'CancelToken',
  'providers',
  'version',
]

test('4 the client exports exactly what it says, and every error', () => {
  const wanted = [...named, ...Object.keys(errors)]
  expect(Object.keys(sdk).toSorted()).toEqual(wanted.toSorted())
})

test('version is that of the manifest', async () => {
  const manifest = await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8')
  expect(sdk.version).toBe(JSON.parse(manifest).version)
})
