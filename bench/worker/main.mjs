import { contestants } from '../contestants/all.mjs'
import { measureDeltas, measureTurns } from './measurements.mjs'

// One contestant, one measurement, one process: `main.mjs <contestant> <turns | deltas> <size as JSON>`. Says the sample as JSON.

const measurements = { turns: measureTurns, deltas: measureDeltas }

const [contestant = '', measurement = '', size = '{}'] = process.argv.slice(2)
const measure = measurements[/** @type {keyof typeof measurements} */ (measurement)]
const load = contestants[/** @type {keyof typeof contestants} */ (contestant)]
const sample = await measure(await load(), JSON.parse(size))
process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit())
