import { ConfigError, messageOf, nearest, type ProviderAdapter } from '@harnext/core'
import { catalog, type Model } from '@harnext/models'
import { compatibleProviders } from './compatible-providers.ts'
import { storedKey } from './config.ts'
import { builtinProviders, type ProviderDefinition } from './provider-table.ts'

export type { ProviderDefinition } from './provider-table.ts'

export interface ProviderStatus {
  readonly id: string
  /** `none`: it needs no key. */
  readonly key: 'found' | 'missing' | 'none'
  /** The variables that it is looked for in. */
  readonly keys: readonly string[]
}

/** Checks of the conformance kit. */
export interface Scorecard {
  readonly passed: number
  readonly of: number
  /** The names of the checks that failed. */
  readonly failed: readonly string[]
}

type Environment = { readonly [name: string]: string | undefined }

const registered = new Map<string, ProviderDefinition>()

/** The providers that can be named, those of third parties among them. */
export const providers = {
  /**
   * With whether a key was found; `env` is this process's environment unless another is given. With `home`, harnext's own folder, a
   * stored login counts too.
   */
  list(env: Environment = process.env, home?: string): readonly ProviderStatus[] {
    return definitions().map(({ id, keys }) => {
      const key = firstSet(keys, env) ?? (home === undefined ? undefined : storedKey(home, id))
      return { id, keys, key: keys.length === 0 ? 'none' : key === undefined ? 'missing' : 'found' }
    })
  },
  /** What the catalog knows. Other models of a provider work too: their price is unknown. */
  models(id: string): readonly Model[] {
    return catalog.list({ provider: findProvider(id).id })
  },
  /**
   * What the conformance kit found of the provider's adapter when its package was made; `null` where the package says nothing. Loads a
   * small file.
   */
  async scorecard(id: string): Promise<Scorecard | null> {
    const definition = findProvider(id)
    const file = await definition.loadScorecard?.()
    const card = file?.adapters.find(
      ({ id: tested, api }) => tested === definition.id && api === definition.api,
    )
    if (!card) return null
    const laws = Object.values(card.laws)
    return {
      passed: laws.reduce((sum, { passed }) => sum + passed, 0),
      of: laws.reduce((sum, law) => sum + law.of, 0),
      failed: card.failed,
    }
  },
  /** The model that is taken when none is named, or `null` when one has to be. */
  default(id: string): string | null {
    const { id: provider, defaultModel } = findProvider(id)
    return catalog.defaultModel(provider) ?? defaultModel ?? null
  },
  /**
   * Adds a provider of a third party: a definition, an adapter, or the name of a package that exports a definition as `provider`. One
   * with an id that is taken takes its place. Throws `ConfigError` when it is none of these.
   */
  async register(provider: ProviderDefinition | ProviderAdapter | string): Promise<void> {
    const definition =
      typeof provider === 'string' ? await definitionIn(provider) : toDefinition(provider)
    registered.set(definition.id, definition)
  },
}

function definitions(): readonly ProviderDefinition[] {
  const own = [...builtinProviders, ...compatibleProviders].filter(({ id }) => !registered.has(id))
  return [...own, ...registered.values()]
}

/** Throws `ConfigError`, with the nearest name. */
export function findProvider(id: string): ProviderDefinition {
  const found = definitions().find((definition) => definition.id === id)
  if (found) return found
  const ids = definitions().map((definition) => definition.id)
  const near = nearest(id, ids)
  const hint = near === undefined ? `Providers are ${ids.join(', ')}.` : `Did you mean ${near}?`
  throw new ConfigError(`There is no provider ${JSON.stringify(id)}. ${hint}`)
}

/** The first provider whose key is set, else Ollama, which needs none. */
export function detectProvider(env: Environment): ProviderDefinition {
  const withKey = definitions().find(({ keys }) => firstSet(keys, env) !== undefined)
  return withKey ?? findProvider('ollama')
}

/** What to say when nothing was set and no Ollama answers. */
export function howToConnect(): string {
  const keys = definitions().flatMap(({ keys: names }) => names.slice(0, 1))
  return `No provider is set up: set one of ${keys.join(', ')}, or start Ollama.`
}

/** Which variable to set. */
export function missingKey({ id, keys }: ProviderDefinition): string {
  return `There is no key for ${id}: set ${keys.join(' or ')}, or give the option apiKey.`
}

export function firstSet(names: readonly string[], env: Environment): string | undefined {
  for (const name of names) {
    const value = env[name]?.trim()
    if (value) return value
  }
  return undefined
}

async function definitionIn(name: string): Promise<ProviderDefinition> {
  let loaded: unknown
  try {
    loaded = await import(name)
  } catch (error) {
    throw new ConfigError(
      `The provider package ${JSON.stringify(name)} cannot be loaded: ${messageOf(error)}`,
      { cause: error },
    )
  }
  const provider =
    typeof loaded === 'object' && loaded !== null && 'provider' in loaded
      ? loaded.provider
      : undefined
  if (isDefinition(provider)) return provider
  throw new ConfigError(
    `The package ${JSON.stringify(name)} must export \`provider\` with id, api, keys, baseUrls and load().`,
  )
}

function toDefinition(provider: ProviderDefinition | ProviderAdapter): ProviderDefinition {
  if (isDefinition(provider)) return provider
  if (
    'stream' in provider &&
    typeof provider.stream === 'function' &&
    typeof provider.id === 'string'
  )
    return {
      id: provider.id,
      api: provider.api,
      keys: [],
      baseUrls: [],
      load: () => Promise.resolve(provider),
    }
  throw new ConfigError(
    'A provider is a definition with id, api, keys, baseUrls and load(), or an adapter with id, api and stream().',
  )
}

function isDefinition(value: unknown): value is ProviderDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'api' in value &&
    typeof value.api === 'string' &&
    'keys' in value &&
    Array.isArray(value.keys) &&
    'load' in value &&
    typeof value.load === 'function'
  )
}
