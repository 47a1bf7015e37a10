import path from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '@harnext/core/provider'
import type { CorpusFile } from '../corpus/corpus-file.ts'
import { replayCorpus, type CorpusResult, type FactoryFor } from '../corpus/replay-corpus.ts'
import { chooseFactory, findFactories } from '../provider/find-factories.ts'
import { loadModule } from './load-module.ts'
import { summaryLine, type Output } from './output.ts'

/** Prints what failed and what was skipped, and why; gives 1 when something failed. */
export async function corpusCommand(
  args: readonly string[],
  folder: string,
  output: Output,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { adapter: { type: 'string', multiple: true, default: [] } },
  })
  const [corpus] = positionals
  if (corpus === undefined || positionals.length > 1)
    throw new ConfigError(`corpus takes one folder, got ${positionals.length}.`)
  const results: CorpusResult[] = []
  const factoryFor = factoriesOf(parseAdapters(values.adapter), folder)
  for await (const result of replayCorpus(path.resolve(folder, corpus), factoryFor)) {
    results.push(result)
    if (result.status !== 'passed')
      output.write(`${result.status}: ${result.file}: ${result.reason}\n`)
  }
  if (results.length === 0) throw new ConfigError(`There are no recorded answers in ${corpus}.`)
  output.write(`${summaryLine(results)}\n`)
  return results.some(({ status }) => status === 'failed') ? 1 : 0
}

/** Modules by the vendor or provider of the files that they are for. */
function parseAdapters(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1 || at === pair.length - 1)
        throw new ConfigError(`--adapter takes <vendor>=<module>, got ${JSON.stringify(pair)}.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

function factoriesOf(adapters: ReadonlyMap<string, string>, folder: string): FactoryFor {
  return async (file, format) => {
    const [vendor = '', api = ''] = format.id.split('.')
    const given = moduleOf(file, adapters)
    const specifier = given ?? `@harnext/provider-${vendor}`
    try {
      const factories = findFactories(await loadModule(specifier, folder), file.vendor)
      return (
        chooseFactory(factories, file.vendor, api)?.factory ??
        `${specifier} exports no function that makes an adapter of an API ${api}`
      )
    } catch (error) {
      // Nobody promised that there is one for every vendor of a folder.
      if (given === undefined && error instanceof ConfigError) return error.message
      throw error
    }
  }
}

function moduleOf(
  { vendor, provider }: CorpusFile,
  adapters: ReadonlyMap<string, string>,
): string | undefined {
  return adapters.get(vendor) ?? adapters.get(provider)
}
