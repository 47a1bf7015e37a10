import type { Capabilities, Price } from '@harnext/core/provider'

export interface AnthropicModel {
  readonly id: string
  readonly name: string
  /** Tokens. */
  readonly contextWindow: number
  readonly maxOutputTokens: number
  readonly price: Price
  /** `adaptive`: the model decides how much, by effort. `budget`: it gets a number of tokens to think with. */
  readonly thinking: 'adaptive' | 'budget'
  /** Its thinking cannot be switched off. */
  readonly alwaysThinks?: true
}

export const anthropicModels: readonly AnthropicModel[] = [
  large('claude-sonnet-5-5', 'Claude Sonnet 5.5', [2, 10, 0.1, 2.5], true),
  large('claude-opus-5-5', 'Claude Opus 5.5', [4, 20, 0.2, 5], true),
  // Above 100,000 tokens of input all of it costs five times as much, which a `Price` cannot say.
  large('claude-haiku-5-5', 'Claude Haiku 5.5', [0.1, 0.5, 0.01, 0.125]),
  large('claude-fable-5-2', 'Claude Fable 5.2', [8, 40, 0.2, 10], true),
  large('claude-fable-5-1', 'Claude Fable 5.1', [10, 50, 0.25, 12.5], true),
  large('claude-fable-5', 'Claude Fable 5', [10, 50, 1, 12.5], true),
  large('claude-sonnet-5', 'Claude Sonnet 5', [2, 10, 0.2, 2.5]),
  large('claude-opus-5', 'Claude Opus 5', [5, 25, 0.5, 6.25]),
  large('claude-opus-4-8', 'Claude Opus 4.8', [5, 25, 0.5, 6.25]),
  large('claude-opus-4-7', 'Claude Opus 4.7', [5, 25, 0.5, 6.25]),
  large('claude-opus-4-6', 'Claude Opus 4.6', [5, 25, 0.5, 6.25]),
  large('claude-sonnet-4-6', 'Claude Sonnet 4.6', [3, 15, 0.3, 3.75]),
  small('claude-opus-4-5', 'Claude Opus 4.5', [5, 25, 0.5, 6.25]),
  small('claude-sonnet-4-5', 'Claude Sonnet 4.5', [3, 15, 0.3, 3.75]),
  small('claude-haiku-4-5', 'Claude Haiku 4.5', [1, 5, 0.1, 1.25]),
]

/** The newest Sonnet. */
export const defaultModel = 'claude-sonnet-5-5'

/** The model of an id, also of one with a date (`claude-sonnet-4-5-20250929`) or `-latest`. */
export function findModel(id: string): AnthropicModel | undefined {
  const plain = id.replace(/-(\d{8}|latest)$/, '')
  return anthropicModels.find((model) => model.id === plain)
}

/** US dollars for a million tokens; `null` for a model that is not known here, which works all the same. */
export function anthropicPrice(model: string): Price | null {
  return findModel(model)?.price ?? null
}

export function capabilitiesOf(id: string): Partial<Capabilities> {
  const model = findModel(id)
  if (!model) return {}
  const { contextWindow, maxOutputTokens } = model
  return { contextWindow, maxOutputTokens, images: true, files: true, tools: true, effort: true }
}

type Prices = readonly [input: number, output: number, cacheRead: number, cacheWrite: number]

function large(id: string, name: string, prices: Prices, alwaysThinks?: true): AnthropicModel {
  return {
    id,
    name,
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    price: priceOf(prices),
    thinking: 'adaptive',
    ...(alwaysThinks && { alwaysThinks }),
  }
}

function small(id: string, name: string, prices: Prices): AnthropicModel {
  return {
    id,
    name,
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    price: priceOf(prices),
    thinking: 'budget',
  }
}

function priceOf([input, output, cacheRead, cacheWrite]: Prices): Price {
  return { input, output, cacheRead, cacheWrite }
}
