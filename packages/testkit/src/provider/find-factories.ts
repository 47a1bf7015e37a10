import type { ProviderAdapter } from '@harnext/core/provider'
import { TEST_KEY, type AdapterFactory, type FactoryOptions } from './factory.ts'

/** A function of a module that makes an adapter. */
export interface NamedFactory {
  /** Under which it is exported. */
  readonly name: string
  readonly factory: AdapterFactory
  /** Of the adapter that it makes. */
  readonly id: string
  readonly api: string
}

/**
 * The functions of a module that make an adapter of `{ id, baseURL, apiKey }`, in the order of their names. `id` is for factories
 * that make adapters of any vendor.
 */
export function findFactories(
  module: Readonly<Record<string, unknown>>,
  id: string,
): NamedFactory[] {
  return Object.keys(module)
    .toSorted()
    .flatMap((name) => {
      const value = module[name]
      if (typeof value !== 'function') return []
      const factory = (options: FactoryOptions): ProviderAdapter =>
        (value as (given: object) => ProviderAdapter)({ id, ...options })
      const adapter = tryFactory(factory)
      return adapter ? [{ name, factory, id: adapter.id, api: adapter.api }] : []
    })
}

/** Of those that speak the API: the one with the vendor's name, else one whose adapter has the vendor's id, else the first. */
export function chooseFactory(
  factories: readonly NamedFactory[],
  vendor: string,
  api: string,
): NamedFactory | undefined {
  const speaking = factories.filter((one) => one.api.endsWith(`.${api}`))
  return (
    speaking.find(({ name }) => name === vendor) ??
    speaking.find(({ id }) => id === vendor) ??
    speaking[0]
  )
}

function tryFactory(factory: AdapterFactory): ProviderAdapter | undefined {
  try {
    const made: unknown = factory({ baseURL: 'http://127.0.0.1:1', apiKey: TEST_KEY })
    return isAdapter(made) ? made : undefined
  } catch {
    // Whatever it is, it makes no adapter.
    return undefined
  }
}

function isAdapter(value: unknown): value is ProviderAdapter {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stream' in value &&
    typeof value.stream === 'function' &&
    'id' in value &&
    'api' in value
  )
}
