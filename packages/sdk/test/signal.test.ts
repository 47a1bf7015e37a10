import { scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { CancelToken } from '../src/index.ts'
import { clientIn } from './client.ts'

test.each([{}, 'x', new AbortController()])('a signal that is none is said: %o', async (wrong) => {
  const { agent } = await clientIn(scripted(['ok']))
  const signal = wrong as AbortSignal
  for (const cancel of [undefined, new CancelToken()])
    await expect(
      (async () => agent.run('go', { signal, ...(cancel && { cancel }) }))(),
    ).rejects.toThrow('`signal` must be an AbortSignal')
})
