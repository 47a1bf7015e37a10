import path from 'node:path'
import { textOf, type ModelRequest, type ProviderAdapter } from '@harnext/core'
import { scripted, type ScriptedAdapter, type call } from '@harnext/core/testing'
import { Harnext, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

/** A client that asks this model, in a folder of its own, and finds nothing in the environment. */
export async function clientIn<Adapter extends ProviderAdapter>(
  adapter: Adapter,
  options: HarnextOptions = {},
): Promise<{
  readonly folder: string
  readonly home: string
  readonly adapter: Adapter
  readonly agent: Harnext
}> {
  const folder = options.cwd ?? (await temporary())
  const home = options.home ?? path.join(folder, '.home')
  const agent = new Harnext({
    provider: adapter,
    model: 'm',
    env: {},
    ...options,
    cwd: folder,
    home,
  })
  return { folder, home, adapter, agent }
}

export type Answer = (said: string, request: ModelRequest) => ReturnType<typeof call>[] | string

/** A model that answers what was said last. */
export function answering(answer: Answer): ScriptedAdapter {
  const step = (request: ModelRequest) =>
    answer(textOf(request.messages.at(-1)?.content ?? []), request)
  return scripted(Array.from({ length: 50 }, () => step))
}
