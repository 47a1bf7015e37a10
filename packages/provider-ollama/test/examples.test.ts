import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ask } from '../examples/ask.ts'
import { fixture } from './collect.ts'
import { serve } from './loopback.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

it('the example of the README runs', async () => {
  const { url } = await serve({ body: fixture('thinking-and-tools.ndjson.txt') })
  expect(await ask('qwen3:4b', 'How is the weather?', { baseURL: url, contextLength: 8192 })).toBe(
    'Ich prüfe das Wetter 🌦️.',
  )
  expect(read('README.md')).toContain(read('examples/ask.ts'))
})
