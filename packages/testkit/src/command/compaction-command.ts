import { parseArgs } from 'node:util'
import { evaluateCompaction } from '../compaction/evaluate.ts'
import { countOf, type Output } from './output.ts'

const SHOWN = 20

/** Goes on with long histories and prints what did not survive; gives 1 when something did not. */
export async function compactionCommand(args: readonly string[], output: Output): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
    },
  })
  const count = countOf('--count', values.count)
  const seed = countOf('--seed', values.seed)
  const result = await evaluateCompaction({ count, seed })
  const { requests, compactions, summaries, refusals, problems } = result
  output.write(
    `${count} histories, ${requests} requests, ${compactions} compactions, ${summaries} summaries, ${refusals} refusals, ${problems.length} problems (seed ${seed})\n`,
  )
  for (const { index, problem } of problems.slice(0, SHOWN))
    output.write(`  history ${index}: ${problem}\n`)
  return problems.length > 0 ? 1 : 0
}
