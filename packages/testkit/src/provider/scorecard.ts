import type { CheckResult } from './test-provider.ts'

/** What came of the checks of one adapter. */
export interface Scorecard {
  /** Under which its factory is exported. */
  readonly name?: string
  readonly id: string
  readonly api: string
  readonly results: readonly CheckResult[]
}

/** The text of a `scorecard.json`: for each adapter how many checks of each law passed, and which failed. */
export function toScorecard(cards: readonly Scorecard[]): string {
  const adapters = cards.map(({ name, id, api, results }) => ({
    ...(name !== undefined && { name }),
    id,
    api,
    laws: Object.fromEntries(
      laws.map((law) => [law, lawOf(results.filter((one) => one.law === law))]),
    ),
    failed: results
      .filter(({ status }) => status === 'failed')
      .map((one) => `law ${one.law}: ${one.name}`),
  }))
  return `${JSON.stringify({ schema: 1, adapters }, null, 2)}\n`
}

const laws = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const

function lawOf(results: readonly CheckResult[]): { readonly passed: number; readonly of: number } {
  const passed = results.filter(({ status }) => status === 'passed').length
  return { passed, of: results.length }
}
