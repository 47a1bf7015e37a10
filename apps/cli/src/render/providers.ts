import type { Model } from '@harnext/models'
import type { ProviderStatus, Scorecard } from '@harnext/sdk/settings'
import type { Style } from './style.ts'
import { countText } from './units.ts'

/** What `harnext providers` tells of one. */
export interface ProviderReport extends ProviderStatus {
  /** `null` where nobody tested the adapter. */
  readonly scorecard: Scorecard | null
  /** `null` where one has to be named. */
  readonly defaultModel: string | null
  /** What is known; others work too, and their price is unknown. */
  readonly models: readonly Model[]
}

/** Columns line up within a provider. Pure. */
export function providerLines(reports: readonly ProviderReport[], style: Style): readonly string[] {
  return reports.flatMap(({ id, key, keys, scorecard, defaultModel, models }) => {
    const idWidth = widest(models.map((model) => model.id))
    const windows = models.map(({ contextWindow }) => windowText(contextWindow))
    const windowWidth = widest(windows)
    return [
      `${style.bold(id)}  ${keyText(key, keys, style)}`,
      ...scoreLines(scorecard, style),
      ...models.map((model, index) => {
        const window = (windows[index] ?? '').padStart(windowWidth)
        const mark = model.id === defaultModel ? ', default' : ''
        const name = style.plain(model.id.padEnd(idWidth))
        return `  ${name}  ${window}  ${style.dim(`${priceText(model)}${mark}`)}`
      }),
    ]
  })
}

function keyText(key: ProviderReport['key'], keys: readonly string[], style: Style): string {
  if (key === 'none') return 'needs no key'
  if (key === 'found') return 'key found'
  return style.yellow(`no key: set ${keys.join(' or ')}`)
}

/** What failed by its name: it is what a person may run into. */
function scoreLines(scorecard: Scorecard | null, style: Style): readonly string[] {
  if (!scorecard) return []
  const { passed, of, failed } = scorecard
  const names = failed.length > 0 ? `, not ${failed.join(', ')}` : ''
  return [style.dim(`  passes ${passed} of ${of} checks of the adapter contract${names}`)]
}

/** Tokens. */
function windowText(contextWindow: number | null): string {
  return contextWindow === null ? 'window unknown' : `${countText(contextWindow)} tokens`
}

/** US dollars for a million tokens. */
function priceText({ price }: Model): string {
  if (!price) return 'price unknown'
  if (price.input === 0 && price.output === 0) return 'free'
  return `$${price.input} in, $${price.output} out per million`
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length))
}
