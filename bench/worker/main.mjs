import { contestants } from '../contestants/all.mjs'
import { measureDeltas, measureTurns } from './measurements.mjs'

// One contestant, one measurement, one process: `main.mjs <contestant> <provider> <turns | deltas> <size as JSON>`. Says the sample as JSON.

const measurements = { turns: measureTurns, deltas: measureDeltas }

const [contestant = '', provider, measurement = '', size = '{}'] = process.argv.slice(2)
const measure = measurements[/** @type {keyof typeof measurements} */ (measurement)]
const load = contestants[contestant]
if (!load) throw new Error(`There is no contestant ${contestant}.`)
const makeLoop = await load(/** @type {import('../contestants/all.mjs').Provider} */ (provider))
const sample = await measure(makeLoop, JSON.parse(size))
process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit())
