import { parseArgs } from 'node:util'
import { checkLines } from './check-lines.ts'
import { checkReads } from './check-reads.ts'
import { confinementProblem } from './confined.ts'

// node --conditions=@harnext/source packages/tools/test/shell/analysis/lines.ts --count 100000 --seed 1 --run 300

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    run: { type: 'string', default: '300' },
    reads: { type: 'string', default: '0' },
  },
})
const problem = confinementProblem()
if (problem !== null) console.log(`skipped: the run of allowed lines; ${problem}`)
const { understood, allowed, ran, disputed, exceeded } = await checkLines({
  count: Number(values.count),
  seed: Number(values.seed),
  run: problem === null ? Number(values.run) : 0,
})
const found =
  problem === null ? await checkReads({ seed: Number(values.seed), run: Number(values.reads) }) : []
for (const line of disputed)
  console.log(`✗ read differently by another parser: ${JSON.stringify(line)}`)
for (const line of exceeded) console.log(`✗ did more than was decided: ${line}`)
for (const line of found) console.log(`✗ needs no leave: ${line}`)
console.log(
  `${values.count} lines, ${understood} understood, ${allowed} allowed, ${ran} of them run, ${disputed.length} disputed, ${exceeded.length} exceeded; ${found.length} of ${values.reads} that only read did more`,
)
process.exitCode = disputed.length + exceeded.length + found.length > 0 ? 1 : 0
