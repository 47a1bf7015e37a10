import path from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '@harnext/core/provider'
import { bodiesOf } from '../corpus/corpus-file.ts'
import { fuzzProvider } from '../provider/fuzz.ts'
import { subjectOf } from '../provider/subject.ts'
import { countOf, type Output } from './output.ts'
import { factoriesIn, formatOption } from './provider-command.ts'

/** Serves answers that are nearly right and prints what did not hold; gives 1 when something did not. */
export async function fuzzCommand(
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
      count: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      corpus: { type: 'string' },
    },
  })
  const [specifier] = positionals
  if (specifier === undefined || positionals.length > 1)
    throw new ConfigError(`fuzz takes one module, got ${positionals.length}.`)
  const count = countOf('--count', values.count)
  const seed = countOf('--seed', values.seed)
  let failed = 0
  for (const { name, factory } of await factoriesIn(specifier, folder, values.export)) {
    const options = formatOption(values.format)
    const { format } = subjectOf(factory, options)
    const bodies =
      values.corpus === undefined ? [] : bodiesOf(path.resolve(folder, values.corpus), format)
    const result = await fuzzProvider(factory, { ...options, count, seed, bodies })
    failed += result.failures.length
    output.write(
      `${name}: ${result.answers} answers, ${result.errors} errors, ${result.failures.length} failures (seed ${seed})\n`,
    )
    for (const { index, reason } of result.failures.slice(0, SHOWN))
      output.write(`  failed: body ${index}: ${reason}\n`)
  }
  return failed > 0 ? 1 : 0
}

const SHOWN = 20
