import type { Model, ModelPrice, PriceTier, Rates } from './model.ts'

/** The models of a generated table, frozen. */
export function parseTable(table: string): readonly Model[] {
  return Object.freeze(table.trim().split('\n').map(parseModel))
}

function parseModel(line: string): Model {
  const values = line.split(',')
  const value = (index: number): string => values[index] ?? ''
  const released = value(8)
  return Object.freeze({
    provider: value(0),
    id: value(1),
    name: value(2),
    contextWindow: Number(value(3)),
    maxOutputTokens: Number(value(4)),
    price: parsePrice(value(5), value(6)),
    ...parseCapabilities(value(7)),
    ...(released && { released }),
    aliases: Object.freeze(value(9).split(' ').filter(Boolean)),
  })
}

function parsePrice(rates: string, tiers: string): ModelPrice {
  if (!tiers) return Object.freeze(parseRates(rates))
  return Object.freeze({
    ...parseRates(rates),
    tiers: Object.freeze(tiers.split(' ').map(parseTier)),
  })
}

function parseTier(text: string): PriceTier {
  const [above, rates = ''] = text.split(':')
  return Object.freeze({ inputTokensAbove: Number(above), ...parseRates(rates) })
}

function parseRates(text: string): Rates {
  const [input = '', output, cacheRead, cacheWrite] = text.split('/')
  return {
    input: Number(input),
    output: Number(output),
    cacheRead: Number(cacheRead || input),
    cacheWrite: Number(cacheWrite || input),
  }
}

type Capabilities = Pick<Model, 'images' | 'files' | 'tools' | 'reasoning' | 'structuredOutput'>

function parseCapabilities(letters: string): Capabilities {
  const known = (index: number): boolean | null =>
    letters[index] === '?' ? null : letters[index] === 'y'
  return {
    images: known(0),
    files: known(1),
    tools: known(2),
    reasoning: known(3),
    structuredOutput: known(4),
  }
}
