import { ConfigError, type ModelInfo } from '@harnext/core'
import { storedKey } from './config.ts'
import type { HarnextOptions } from './options.ts'
import type { ProviderDefinition, ProviderSettings } from './provider-table.ts'
import { findProvider, firstSet, missingKey } from './providers.ts'

export const OLLAMA = 'http://127.0.0.1:11434'

/** Where keys and addresses are found that nobody gave. */
export interface Sources {
  readonly env: NonNullable<HarnextOptions['env']>
  readonly home: string
}

/** How a provider is reached with what was found for it. */
export interface Reach {
  readonly settings: ProviderSettings
  /** `null`: the vendor's own. */
  readonly address: string | null
  /** A sentence when it cannot be called: its key is missing. */
  readonly missing?: string
}

/** Throws `ConfigError` for an address that is none. */
export function reachOf(definition: ProviderDefinition, { env, home }: Sources): Reach {
  const apiKey = keyOf(definition, { env, home })
  const baseUrl = checkAddress(firstSet(definition.baseUrls, env), definition.id)
  const isMissing = definition.keys.length > 0 && apiKey === undefined
  return {
    settings: {
      ...(apiKey !== undefined && { apiKey }),
      ...(baseUrl !== undefined && { baseUrl }),
    },
    address: baseUrl ?? (definition.id === 'ollama' ? OLLAMA : null),
    ...(isMissing && { missing: missingKey(definition) }),
  }
}

/** `reachOf` by a provider's id. Throws `ConfigError`. */
export function providerReach(id: string, sources: Sources): Reach {
  return reachOf(findProvider(id), sources)
}

/**
 * Asks a provider with its key for its models, which shows that it is there and takes the key; `null` for one that cannot tell. Throws
 * `ProviderError`.
 */
export async function askForModels(
  id: string,
  sources: Sources,
  signal: AbortSignal,
): Promise<readonly ModelInfo[] | null> {
  const definition = findProvider(id)
  const adapter = await definition.load(reachOf(definition, sources).settings)
  return adapter.listModels ? adapter.listModels({ signal }) : null
}

export function keyOf(
  { id, keys }: ProviderDefinition,
  { env, home }: Sources,
): string | undefined {
  return firstSet(keys, env) ?? storedKey(home, id)
}

/** OLLAMA_HOST is often a host and a port alone. Throws `ConfigError` for what is no address. */
export function checkAddress(given: string | undefined, provider: string): string | undefined {
  if (given === undefined) return undefined
  const address = provider === 'ollama' && !given.includes('://') ? `http://${given}` : given
  if (/^https?:\/\/./.test(address) && URL.canParse(address)) return address
  throw new ConfigError(
    `The address of ${provider} must be an absolute URL; got ${JSON.stringify(given)}.`,
  )
}
