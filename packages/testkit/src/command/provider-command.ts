import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '@harnext/core/provider'
import { findFactories, type NamedFactory } from '../provider/find-factories.ts'
import { toScorecard, type Scorecard } from '../provider/scorecard.ts'
import { testProvider, type TestProviderOptions } from '../provider/test-provider.ts'
import { wireFormats } from '../wire/formats.ts'
import { loadModule } from './load-module.ts'
import { countOf, summaryLine, type Output } from './output.ts'

/** Tests what a module exports and prints a scorecard; gives 1 when something failed. */
export async function providerCommand(
  args: readonly string[],
  folder: string,
  output: Output,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      export: { type: 'string' },
      format: { type: 'string' },
      model: { type: 'string' },
      streams: { type: 'string' },
      scorecard: { type: 'string' },
    },
  })
  const [specifier] = positionals
  if (specifier === undefined || positionals.length > 1)
    throw new ConfigError(`provider takes one module, got ${positionals.length}.`)
  const options = {
    ...formatOption(values.format),
    ...(values.model !== undefined && { model: values.model }),
    ...(values.streams !== undefined && { streams: countOf('--streams', values.streams) }),
  }
  const cards: Scorecard[] = []
  for (const one of await factoriesIn(specifier, folder, values.export))
    cards.push(await scorecardOf(one, options, output))
  const results = cards.flatMap((card) => card.results)
  if (values.scorecard !== undefined)
    writeFileSync(path.resolve(folder, values.scorecard), toScorecard(cards))
  output.write(`${summaryLine(results)}\n`)
  return results.some(({ status }) => status === 'failed') ? 1 : 0
}

/** All of the module, or the one that is named. */
export async function factoriesIn(
  specifier: string,
  folder: string,
  name: string | undefined,
): Promise<readonly NamedFactory[]> {
  const found = findFactories(await loadModule(specifier, folder), 'testkit')
  const chosen = name === undefined ? found : found.filter((one) => one.name === name)
  if (chosen.length === 0)
    throw new ConfigError(
      `${specifier} exports ${name === undefined ? 'no function' : `no ${name}`} that makes an adapter of { baseURL, apiKey }.`,
    )
  return chosen
}

export function formatOption(id: string | undefined): Pick<TestProviderOptions, 'format'> {
  if (id === undefined) return {}
  const format = wireFormats.find((one) => one.id === id)
  if (format) return { format }
  const known = wireFormats.map((one) => one.id).join(', ')
  throw new ConfigError(`There is no format ${JSON.stringify(id)}; there are ${known}.`)
}

async function scorecardOf(
  { name, factory }: NamedFactory,
  options: TestProviderOptions,
  output: Output,
): Promise<Scorecard> {
  const card = await testProvider(factory, options)
  output.write(`${name} (${card.api}): ${summaryLine(card.results)}\n`)
  for (const { law, name: check, status, reason } of card.results)
    if (status === 'failed') output.write(`  failed: law ${law}, ${check}: ${reason}\n`)
  return { ...card, name }
}
