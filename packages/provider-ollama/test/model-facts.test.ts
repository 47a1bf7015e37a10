import { expect, it } from 'vitest'
import { toModelFacts } from '../src/model-facts.ts'

const info = (length: unknown) => ({
  'general.architecture': 'llama',
  'clip.context_length': 77,
  'llama.context_length': length as number,
})

it('knows how long the context is, and does not take more than memory may hold', () => {
  expect(toModelFacts({ model_info: info(8192) }).contextLength).toBe(8192)
  expect(toModelFacts({ model_info: info(262_144) }).contextLength).toBe(65_536)
  expect(toModelFacts({ model_info: { 'x.context_length': 512 } }).contextLength).toBe(512)
  for (const odd of [0, '8192', null])
    expect(toModelFacts({ model_info: { 'x.context_length': odd } })).not.toHaveProperty(
      'contextLength',
    )
})

it('keeps to what the maker of the model set', () => {
  const parameters = 'stop    "<|im_end|>"\nnum_ctx                        131072\ntemperature 0.6'
  expect(toModelFacts({ parameters, model_info: info(8192) }).contextLength).toBe(131_072)
})

it('takes for possible what is not said', () => {
  const all = { images: true, tools: true, thinking: true }
  expect(toModelFacts({})).toEqual(all)
  expect(toModelFacts(null)).toEqual(all)
  expect(toModelFacts({ capabilities: ['completion', 'vision'] })).toEqual({
    images: true,
    tools: false,
    thinking: false,
  })
})
