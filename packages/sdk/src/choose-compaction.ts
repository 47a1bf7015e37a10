import type { AgentOptions } from '@harnext/core'
import { catalog } from '@harnext/models'
import { chooseSmallModel, type ChosenModel } from './choose-model.ts'
import type { Config } from './config.ts'
import type { HarnextOptions } from './options.ts'
import type { Sources } from './reach.ts'

/** How the context is kept within the window, which the catalog knows where the adapter does not say it. */
export function chooseCompaction(
  options: HarnextOptions,
  config: Config,
  first: ChosenModel,
  sources: Sources,
): {
  readonly chosen: Pick<AgentOptions, 'compaction' | 'smallModel'>
  /** A sentence when the small model cannot be called: its key is missing. */
  readonly problems: readonly string[]
} {
  const name = options.smallModel ?? config.smallModel
  const small = name === undefined ? undefined : chooseSmallModel(name, first, sources)
  const compaction = withWindow(options.compaction ?? config.compaction ?? {}, first)
  return {
    chosen: { compaction, ...(small && { smallModel: small.model }) },
    problems: small?.problems ?? [],
  }
}

function withWindow(
  given: NonNullable<AgentOptions['compaction']>,
  { adapter, model }: ChosenModel,
): typeof given {
  if (given === false || adapter.capabilities?.(model).contextWindow !== undefined) return given
  const contextWindow = catalog.find(adapter.id, model)?.contextWindow
  return typeof contextWindow === 'number' ? { contextWindow, ...given } : given
}
