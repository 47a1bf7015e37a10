/** What is known about a model. `null` is unknown, which is never the same as 0 or no. */
export interface Model {
  /** Its company or server: `anthropic`, `openai`, `google`, `ollama`, or one of an override. */
  readonly provider: string
  /** As it goes to the vendor. */
  readonly id: string
  /** For people to read. */
  readonly name: string
  /** Tokens. For `ollama` what the model can take; a server gives less unless it is told. */
  readonly contextWindow: number | null
  /** Tokens. */
  readonly maxOutputTokens: number | null
  readonly price: ModelPrice | null
  /** Takes images. */
  readonly images: boolean | null
  /** Takes PDF files. */
  readonly files: boolean | null
  /** Calls tools. */
  readonly tools: boolean | null
  /** Can think before it answers. */
  readonly reasoning: boolean | null
  /** Keeps to a JSON Schema. */
  readonly structuredOutput: boolean | null
  /** Year, month and day: `2026-06-09`. */
  readonly released?: string
  /** Short names for it, which no other model has. */
  readonly aliases: readonly string[]
}

/** US dollars for a million tokens. Where a vendor names no price for cached tokens, they cost what input costs. */
export interface Rates {
  /** Of input that no cache held. */
  readonly input: number
  /** Reasoning included. */
  readonly output: number
  readonly cacheRead: number
  /** For the vendor's shortest lifetime. */
  readonly cacheWrite: number
}

/** The rates of a call whose input is above no tier. */
export interface ModelPrice extends Rates {
  /** Ascending. Absent: one price for every size of input. */
  readonly tiers?: readonly PriceTier[]
}

/** A call with more input than this, cached or not, is billed at these rates from its first token. */
export interface PriceTier extends Rates {
  readonly inputTokensAbove: number
}

/** What is absent stays as it was, or is unknown. */
export interface ModelOverride extends Partial<Omit<Model, 'provider' | 'id' | 'price'>> {
  readonly provider: string
  /** Or an alias. */
  readonly id: string
  /** Rates for cached tokens are those of input unless they are given. */
  readonly price?: (Partial<ModelPrice> & Pick<Rates, 'input' | 'output'>) | null
}
