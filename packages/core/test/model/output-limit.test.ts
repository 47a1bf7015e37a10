import { expect, test } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import { withOutputLimit } from '../../src/model/output-limit.ts'
import { collect, scripted, type ScriptedStep } from '../../src/testing.ts'

const tooLarge = (limit: number): ProviderError =>
  new ProviderError(`max_tokens: 32000 > ${limit}, which is the maximum`, { kind: 'output_limit' })

function asking(...steps: readonly ScriptedStep[]) {
  const model = scripted(steps)
  const adapter = withOutputLimit(model)
  const ask = (maxOutputTokens?: number) =>
    collect(
      adapter.stream(
        { model: 'm', messages: [], ...(maxOutputTokens && { maxOutputTokens }) },
        { signal: new AbortController().signal },
      ),
    )
  return { ask, asked: () => model.requests.map(({ maxOutputTokens }) => maxOutputTokens) }
}

test('the limit that the vendor names is asked for instead, and from then on', async () => {
  const { ask, asked } = asking(tooLarge(8192), 'Hello.', 'Again.', 'Short.')
  const [first, ...rest] = await ask(32_000)
  expect(first).toMatchObject({
    type: 'warning',
    code: 'output_limit',
    message: expect.stringContaining('8192'),
  })
  expect(rest).toContainEqual(expect.objectContaining({ type: 'text', text: 'Hello.' }))
  expect(await ask(32_000)).toHaveLength(rest.length)
  await ask(500)
  expect(asked()).toEqual([32_000, 8192, 8192, 500])
})

test('it is asked once more, and not at all without a number that is smaller', async () => {
  const twice = asking(tooLarge(8192), tooLarge(4096))
  await expect(twice.ask(32_000)).rejects.toThrow('4096')
  expect(twice.asked()).toEqual([32_000, 8192])
  const same = asking(tooLarge(64_000))
  await expect(same.ask(32_000)).rejects.toThrow('64000')
  expect(same.asked()).toHaveLength(1)
  const other = asking(new ProviderError('max_tokens: 9 > 8', { kind: 'invalid_request' }))
  await expect(other.ask(32_000)).rejects.toThrow('9 > 8')
  expect(other.asked()).toHaveLength(1)
})
