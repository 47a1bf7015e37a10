import { findModel, priceOf } from './find-model.ts'
import { defaultModels, table } from './generated/table.ts'
import type { Model, ModelOverride, ModelPrice } from './model.ts'
import { nearest } from './nearest.ts'
import { applyOverride, checkOverride } from './override.ts'
import { parseTable } from './parse-table.ts'

/** Models that are known. No answer depends on `this`, and a model that is not known can be used all the same. */
export interface Catalog {
  /** By provider, then by id; what overrides add comes last. */
  readonly list: (filter?: { readonly provider?: string }) => readonly Model[]
  /**
   * The model of an id, an alias, or a form of an id that has a date (`claude-opus-4-6-20260205`), `-latest` or, for
   * `ollama`, another tag (`llama3.1:70b`). `null` when it is none of these.
   */
  readonly find: (provider: string, name: string) => Model | null
  /**
   * US dollars for a million tokens. `null` when the price is not known, never 0 for that reason; 0 for every model of
   * `ollama`. Fits core's option `price`.
   */
  readonly price: (provider: string, model: string) => ModelPrice | null
  /**
   * What a name means: `sonnet`, `gpt-4o`, or `provider/model`, where the model need not be known but the provider must.
   * Aliases become ids; dates and tags stay. `null` when it means nothing, or models of several providers.
   */
  readonly resolve: (name: string) => ModelName | null
  /** The id of the model to take where none was asked for; `null` for a provider without one. */
  readonly defaultModel: (provider: string) => string | null
  /** The name, as `resolve` takes it, that was probably meant; `null` when none is close. */
  readonly nearest: (name: string) => string | null
}

export interface ModelName {
  readonly provider: string
  /** The id for the vendor. */
  readonly model: string
}

/** The models that come with this package, without overrides. Parsed when it is first asked. */
export const catalog: Catalog = /* @__PURE__ */ createCatalog()

/**
 * The models that come with this package, with the overrides applied in order: one whose id or alias is known changes that
 * model, any other adds one (a dated form starts with what is known of its model). An alias that an override gives is taken
 * from every other model. Throws `TypeError` for an override with a number that cannot be right.
 */
export function createCatalog(
  options: { readonly overrides?: readonly ModelOverride[] } = {},
): Catalog {
  const overrides = [...(options.overrides ?? [])]
  for (const override of overrides) checkOverride(override)
  let applied: readonly Model[] | undefined
  const models = (): readonly Model[] =>
    (applied ??= overrides.reduce(applyOverride, packagedModels()))
  const find = (provider: string, name: string): Model | null =>
    findModel(models(), provider, name)?.model ?? null
  return {
    list: ({ provider } = {}) =>
      models().filter((model) => provider === undefined || model.provider === provider),
    find,
    price: (provider, model) => priceOf(models(), provider, model),
    resolve: (name) => resolveName(models(), name),
    defaultModel: (provider) =>
      Object.hasOwn(defaultModels, provider) ? (defaultModels[provider] ?? null) : null,
    nearest: (name) => nearestName(models(), name),
  }
}

let packaged: readonly Model[] | undefined
function packagedModels(): readonly Model[] {
  return (packaged ??= parseTable(table))
}

function resolveName(models: readonly Model[], name: string): ModelName | null {
  const providers = new Set(models.map((model) => model.provider))
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(0, slash))
  if (providers.has(provider)) {
    const model = name.slice(slash + 1)
    if (model === '') return null
    return { provider, model: findModel(models, provider, model)?.id ?? model }
  }
  const found = [...providers].flatMap((one) => {
    const match = findModel(models, one, name)
    return match ? [{ provider: one, model: match.id }] : []
  })
  return found.length === 1 ? (found[0] ?? null) : null
}

/** With its provider where the name came with one, or where several have it; an id rather than an alias as close. */
function nearestName(models: readonly Model[], name: string): string | null {
  const ids = models.map(({ provider, id }) => `${provider}/${id}`)
  const aliases = models.flatMap((model) => model.aliases.map((one) => `${model.provider}/${one}`))
  const full = [...ids, ...aliases]
  if (name.includes('/')) return nearest(name, full) ?? null
  const found = nearest(name, full.map(withoutProvider))
  if (found === undefined || resolveName(models, found)) return found ?? null
  return full.find((one) => withoutProvider(one) === found) ?? null
}

function withoutProvider(full: string): string {
  return full.slice(full.indexOf('/') + 1)
}
