import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { askOpenAI, askOpenRouter } from '../examples/ask.ts'
import { sampleText, samples } from './answers.ts'
import { serve } from './loopback.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

it('the example of the README runs', async () => {
  const asks = [askOpenAI, askOpenRouter]
  for (const [at, { stream }] of samples.entries()) {
    const { url } = await serve({ body: stream })
    const answer = await asks[at]?.('How is the weather?', { apiKey: 'key', baseURL: url })
    expect(answer).toBe(sampleText)
  }
  expect(read('README.md')).toContain(read('examples/ask.ts'))
})
