import { findModel, priceOf } from './find-model.ts'
import type { Model, ModelOverride, ModelPrice, Rates } from './model.ts'

/** The models with one of them changed in its place, or with one more at the end. */
export function applyOverride(models: readonly Model[], override: ModelOverride): readonly Model[] {
  const found = findModel(models, override.provider, override.id)
  const base = found?.model ?? unlistedModel(override.provider, override.id)
  const isKnown = found?.id === base.id
  const { price = base.price, aliases = isKnown ? base.aliases : [], ...rest } = override
  const id = isKnown ? base.id : override.id
  const changed: Model = { ...base, ...rest, id, aliases, price: price && complete(price) }
  const others = models.map((model) => {
    if (isKnown && model === base) return changed
    return withoutAliases(model, override.aliases ?? [])
  })
  return isKnown ? others : [...others, changed]
}

function complete(price: NonNullable<ModelOverride['price']>): ModelPrice {
  return { cacheRead: price.input, cacheWrite: price.input, ...price }
}

function withoutAliases(model: Model, taken: readonly string[]): Model {
  const aliases = model.aliases.filter((alias) => !taken.includes(alias))
  return aliases.length === model.aliases.length ? model : { ...model, aliases }
}

function unlistedModel(provider: string, id: string): Model {
  return {
    provider,
    id,
    name: id,
    contextWindow: null,
    maxOutputTokens: null,
    price: priceOf([], provider, id),
    images: null,
    files: null,
    tools: null,
    reasoning: null,
    structuredOutput: null,
    aliases: [],
  }
}

/** Throws `TypeError` that names the model, the field, and what was expected. */
export function checkOverride(override: ModelOverride): void {
  const { provider, id, contextWindow, maxOutputTokens, price } = override
  const check: Check = (holds, field, expected, got) => {
    if (holds) return
    const where = `Model override ${JSON.stringify(`${provider}/${id}`)}`
    throw new TypeError(`${where}: ${field} must be ${expected}; got ${show(got)}.`)
  }
  check(isName(provider) && !provider.includes('/'), 'provider', 'a name without a slash', provider)
  check(isName(id), 'id', 'a name', id)
  for (const [field, value] of Object.entries({ contextWindow, maxOutputTokens })) {
    const isRight = value === undefined || value === null || isCount(value)
    check(isRight, field, 'a number of tokens above 0, or null', value)
  }
  if (!price) return
  checkRates(complete(price), 'price', check)
  for (const [index, tier] of (price.tiers ?? []).entries()) {
    const field = `price.tiers[${index}]`
    checkRates(tier, field, check)
    const above = tier.inputTokensAbove
    check(isCount(above), `${field}.inputTokensAbove`, 'a number of tokens above 0', above)
  }
}

type Check = (holds: boolean, field: string, expected: string, got: unknown) => void

function checkRates(rates: Rates, field: string, check: Check): void {
  const { input, output, cacheRead, cacheWrite } = rates
  for (const [name, rate] of Object.entries({ input, output, cacheRead, cacheWrite })) {
    const isRight = Number.isFinite(rate) && rate >= 0
    check(isRight, `${field}.${name}`, 'US dollars for a million tokens, 0 or more', rate)
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

/** JSON has no NaN, and an override may come from a file with anything in it. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
