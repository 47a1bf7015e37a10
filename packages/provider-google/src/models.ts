import type { Capabilities, Price } from '@harnext/core/provider'

export interface GoogleModel {
  readonly id: string
  readonly name: string
  /** Tokens. */
  readonly contextWindow: number
  readonly maxOutputTokens: number
  /** For up to 200,000 tokens of input, where more of it costs more. */
  readonly price: Price
  readonly thinking: Thinking
}

/** How a model is told to think: by a level, of which not all know the smallest, or by a number of tokens. */
export type Thinking =
  | { readonly by: 'level'; readonly least: 'MINIMAL' | 'LOW' }
  | {
      readonly by: 'budget'
      readonly least: number
      readonly most: number
      readonly canStop: boolean
    }

const WINDOW = 1_048_576

export const googleModels: readonly GoogleModel[] = [
  newer('gemini-4-argon', 'Gemini 4 Argon', [2, 10, 0.1], 'LOW', 32_768),
  newer('gemini-3.8-flash', 'Gemini 3.8 Flash', [0.75, 3.75, 0.075], 'LOW'),
  newer('gemini-3.7-flash', 'Gemini 3.7 Flash', [0.75, 3.75, 0.075], 'LOW'),
  newer('gemini-3.6-flash', 'Gemini 3.6 Flash', [0.75, 3.75, 0.075], 'MINIMAL'),
  newer('gemini-3.5-flash', 'Gemini 3.5 Flash', [1.5, 9, 0.15], 'MINIMAL'),
  newer('gemini-3.5-flash-lite', 'Gemini 3.5 Flash Lite', [0.3, 2.5, 0.03], 'MINIMAL'),
  newer('gemini-3.1-pro-preview', 'Gemini 3.1 Pro Preview', [2, 12, 0.2], 'LOW'),
  newer(
    'gemini-3.1-pro-preview-customtools',
    'Gemini 3.1 Pro Preview Custom Tools',
    [2, 12, 0.2],
    'LOW',
  ),
  newer('gemini-3.1-flash-lite', 'Gemini 3.1 Flash Lite', [0.25, 1.5, 0.025], 'MINIMAL'),
  newer(
    'gemini-3.1-flash-lite-preview',
    'Gemini 3.1 Flash Lite Preview',
    [0.25, 1.5, 0.025],
    'MINIMAL',
  ),
  newer('gemini-3-flash-preview', 'Gemini 3 Flash Preview', [0.5, 3, 0.05], 'MINIMAL'),
  older('gemini-2.5-pro', 'Gemini 2.5 Pro', [1.25, 10, 0.125], budget(128, 32_768, false)),
  older('gemini-2.5-flash', 'Gemini 2.5 Flash', [0.3, 2.5, 0.03], budget(1, 24_576, true)),
  older(
    'gemini-2.5-flash-lite',
    'Gemini 2.5 Flash-Lite',
    [0.1, 0.4, 0.01],
    budget(512, 24_576, true),
  ),
  newer('gemini-pro-latest', 'Gemini Pro Latest', [2, 12, 0.2], 'LOW'),
  newer('gemini-flash-latest', 'Gemini Flash Latest', [1.5, 9, 0.15], 'MINIMAL'),
  newer('gemini-flash-lite-latest', 'Gemini Flash-Lite Latest', [0.25, 1.5, 0.025], 'MINIMAL'),
]

/** The newest Flash. */
export const defaultModel = 'gemini-3.8-flash'

/** The model of an id, also of one with its path (`models/…`, `publishers/google/models/…`) or a version (`-001`). */
export function findModel(id: string): GoogleModel | undefined {
  const plain = id.replace(/^.*\//, '').replace(/-\d{3}$/, '')
  return googleModels.find((model) => model.id === plain)
}

/** US dollars for a million tokens; `null` for a model that is not known here, which works all the same. */
export function googlePrice(model: string): Price | null {
  return findModel(model)?.price ?? null
}

export function capabilitiesOf(id: string): Partial<Capabilities> {
  const model = findModel(id)
  const effort = dialectOf(id).thinking
  if (!model) return { effort }
  const { contextWindow, maxOutputTokens } = model
  return { contextWindow, maxOutputTokens, images: true, files: true, tools: true, effort }
}

/** What models of one generation have in common. */
export interface Dialect {
  /** Calls must come back signed. */
  readonly wantsSignatures: boolean
  /** Results may hold images and documents. */
  readonly mediaInResults: boolean
  /** A form for the answer may be given together with tools. */
  readonly outputBesideTools: boolean
  readonly thinking: boolean
}

const dialects = {
  newest: { wantsSignatures: true, mediaInResults: true, outputBesideTools: true, thinking: true },
  gemini2: {
    wantsSignatures: false,
    mediaInResults: false,
    outputBesideTools: false,
    thinking: true,
  },
  oldest: {
    wantsSignatures: false,
    mediaInResults: false,
    outputBesideTools: false,
    thinking: false,
  },
} as const satisfies { readonly [generation: string]: Dialect }

/** A model that is not known here is taken for a new one. The same object for the same generation. */
export function dialectOf(id: string): Dialect {
  if (/gemini-2\.5/.test(id)) return dialects.gemini2
  return /gemini-(1|2)(\.\d)?-|gemma/.test(id) ? dialects.oldest : dialects.newest
}

type Prices = readonly [input: number, output: number, cacheRead: number]

function newer(
  id: string,
  name: string,
  prices: Prices,
  least: 'MINIMAL' | 'LOW',
  maxOutputTokens = 65_536,
): GoogleModel {
  const thinking: Thinking = { by: 'level', least }
  return { id, name, contextWindow: WINDOW, maxOutputTokens, price: priceOf(prices), thinking }
}

function older(id: string, name: string, prices: Prices, thinking: Thinking): GoogleModel {
  const price = priceOf(prices)
  return { id, name, contextWindow: WINDOW, maxOutputTokens: 65_536, price, thinking }
}

function budget(least: number, most: number, canStop: boolean): Thinking {
  return { by: 'budget', least, most, canStop }
}

/** What is written into the cache costs what other input costs. */
function priceOf([input, output, cacheRead]: Prices): Price {
  return { input, output, cacheRead, cacheWrite: input }
}
