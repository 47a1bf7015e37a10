import { ConfigError, nearest, type FallbackModel, type ProviderAdapter } from '@harnext/core'
import { catalog } from '@harnext/models'
import type { Config } from './config.ts'
import { lazyAdapter } from './lazy-adapter.ts'
import type { HarnextOptions } from './options.ts'
import {
  detectProvider,
  findProvider,
  firstSet,
  howToConnect,
  missingKey,
  providers,
} from './providers.ts'
import { OLLAMA, checkAddress, keyOf, reachOf, type Sources } from './reach.ts'

/** The model that is asked first. */
export interface ChosenModel {
  readonly adapter: ProviderAdapter
  readonly model: string
  /** What keeps the provider from being called at all. */
  readonly missing?: string
  readonly guessed?: string
  /** The key that is in use. */
  readonly secrets: readonly string[]
}

/** Throws `ConfigError`. Loads no provider. */
export function chooseModel(
  options: HarnextOptions,
  config: Config,
  { env, home }: Sources,
): ChosenModel {
  const given = options.provider ?? config.provider
  const name = options.model ?? config.model
  if (typeof given === 'object')
    return { adapter: given, model: modelOf(given.id, name, null), secrets: [] }
  const named = given === undefined && name !== undefined ? nameProvider(name) : undefined
  const definition =
    given !== undefined
      ? findProvider(given)
      : named
        ? findProvider(named.provider)
        : detectProvider(env)
  const model = modelOf(definition.id, named?.model ?? name, definition.defaultModel ?? null)
  // A key or an address belongs to the provider that it was given for.
  const apiKey = options.apiKey ?? keyOf(definition, { env, home }) ?? config.apiKey
  const baseUrl = checkAddress(
    options.baseUrl ?? config.baseUrl ?? firstSet(definition.baseUrls, env),
    definition.id,
  )
  const settings = {
    ...(apiKey !== undefined && { apiKey }),
    ...(baseUrl !== undefined && { baseUrl }),
  }
  const isGuess = given === undefined && named === undefined && definition.keys.length === 0
  const noKey =
    definition.keys.length > 0 && apiKey === undefined ? missingKey(definition) : undefined
  return {
    adapter: lazyAdapter(definition, settings, {
      ...(noKey && { noKey }),
      ...(isGuess && { unreachable: howToConnect() }),
    }),
    model,
    secrets: apiKey === undefined ? [] : [apiKey],
    ...(noKey && { missing: noKey }),
    ...(isGuess && { guessed: baseUrl ?? OLLAMA }),
  }
}

interface ChosenFallback {
  readonly models: readonly FallbackModel[]
  /** A sentence for each that cannot be called: its key is missing. */
  readonly problems: readonly string[]
}

/** Each is `provider/model`, or a model whose provider the catalog knows. Throws `ConfigError` for what names no provider. */
export function chooseFallback(
  given: readonly (string | FallbackModel)[],
  first: ChosenModel,
  sources: Sources,
): ChosenFallback {
  const problems: string[] = []
  const models = given.map((one) => {
    if (typeof one !== 'string') return one
    const named = nameProvider(one)
    if (!named)
      throw new ConfigError(
        `Each member of fallback is named provider/model; got ${JSON.stringify(one)}.`,
      )
    const { missing, ...model } = reach(named, first, sources)
    if (missing !== undefined) problems.push(`The fallback ${one} cannot be called. ${missing}`)
    return model
  })
  return { models, problems }
}

/** `provider/model`, or the name of a model: of the first one's provider, unless the catalog knows it as another's. */
export function chooseSmallModel(
  given: string | FallbackModel,
  first: ChosenModel,
  sources: Sources,
): { readonly model: FallbackModel; readonly problems: readonly string[] } {
  if (typeof given !== 'string') return { model: given, problems: [] }
  const named = catalog.find(first.adapter.id, given) ? undefined : nameProvider(given)
  const wanted = named ?? { provider: first.adapter.id, model: given }
  const { missing, ...model } = reach(wanted, first, sources)
  const problems = missing === undefined ? [] : [`smallModel ${given} cannot be called. ${missing}`]
  return { model, problems }
}

/** `missing`: what keeps it from being called. */
function reach(
  { provider, model: name }: { readonly provider: string; readonly model: string },
  first: ChosenModel,
  sources: Sources,
): FallbackModel & { readonly missing?: string } {
  // The same provider is reached in the same way, with what was given for it.
  if (provider === first.adapter.id)
    return { adapter: first.adapter, model: modelOf(provider, name, null) }
  const definition = findProvider(provider)
  const model = modelOf(definition.id, name, null)
  const { settings, missing: noKey } = reachOf(definition, sources)
  return {
    adapter: lazyAdapter(definition, settings, { ...(noKey && { noKey }) }),
    model,
    ...(noKey !== undefined && { missing: noKey }),
  }
}

/** `provider/model`, or a model whose provider the catalog knows. Throws `ConfigError` for a provider that is nearly the name of one. */
function nameProvider(
  name: string,
): { readonly provider: string; readonly model: string } | undefined {
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(0, slash))
  const model = name.slice(slash + 1)
  const ids = providers.list({}).map(({ id }) => id)
  if (ids.includes(provider)) {
    if (model !== '') return { provider, model }
    throw new ConfigError(`A model is named provider/model; got ${JSON.stringify(name)}.`)
  }
  const known = catalog.resolve(name)
  const near = provider === '' || known ? undefined : nearest(provider, ids)
  if (near !== undefined)
    throw new ConfigError(`There is no provider ${JSON.stringify(provider)}. Did you mean ${near}?`)
  return known ?? undefined
}

function modelOf(provider: string, name: string | undefined, fallback: string | null): string {
  if (name !== undefined) return catalog.find(provider, name)?.id ?? name
  const model = catalog.defaultModel(provider) ?? fallback
  if (model === null)
    throw new ConfigError(`No model is known for ${provider}: give the option \`model\`.`)
  return model
}
