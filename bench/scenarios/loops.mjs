import { fileURLToPath } from 'node:url'
import { runNode } from './process.mjs'

/** @typedef {import('./scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenario.ts').Limit} Limit */
/** @typedef {import('../contestants/all.mjs').Provider} Provider */

/** One vendor's API, in the scenarios of runs. @typedef {{ name: Provider, title: string, isDurable: boolean }} Vendor */

const worker = fileURLToPath(new URL('../worker/main.mjs', import.meta.url))

/** @type {readonly Vendor[]} */
const vendors = [
  { name: 'anthropic', title: 'Anthropic', isDurable: true },
  { name: 'openai', title: 'OpenAI', isDurable: false },
  { name: 'openai-chat', title: 'OpenAI Chat', isDurable: false },
  { name: 'google', title: 'Google', isDurable: false },
  { name: 'ollama', title: 'Ollama', isDurable: false },
]

/** Those of the first vendor have short names; of the others they end with the vendor. */
export const loops = vendors.flatMap((vendor) => {
  const scenarios = [turns(vendor), largeResults(vendor), deltas(vendor)]
  return vendor.isDurable ? [...scenarios, longRun(vendor)] : scenarios
})

/**
 * @param {Vendor} vendor
 * @param {string} measurement of the worker
 * @param {(isQuick: boolean) => object} size
 * @returns {Scenario['contestants']}
 */
function contestants({ name, isDurable }, measurement, size) {
  const measure =
    (/** @type {string} */ contestant) =>
    async (/** @type {import('./scenario.ts').Place} */ { serverURL, isQuick }) => {
      const what = JSON.stringify({ serverURL, ...size(isQuick) })
      const { stdout } = await runNode(['--expose-gc', worker, contestant, name, measurement, what])
      return JSON.parse(stdout)
    }
  return {
    floor: measure('bare-sdk'),
    stateless: measure('agent'),
    ...(isDurable && { durable: measure('agent-durable') }),
  }
}

/** @param {Vendor} vendor @param {string} name */
function nameOf(vendor, name) {
  return vendor.isDurable ? name : `${name}-${vendor.name}`
}

/** @param {Vendor} vendor @returns {Scenario} */
function turns(vendor) {
  return {
    name: nameOf(vendor, 'turns'),
    title: () => `${vendor.title}, 100 turns`,
    contestants: contestants(vendor, 'turns', () => ({ turns: 100, resultBytes: 2 })),
    rows: [
      {
        metric: 'cpuMs',
        title: 'CPU a turn',
        unit: 'ms',
        limits: { stateless: { times: 1 }, durable: { times: 1.5 } },
      },
      { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
    ],
  }
}

/** @param {Vendor} vendor @returns {Scenario} */
function longRun(vendor) {
  const count = (/** @type {boolean} */ isQuick) => (isQuick ? 300 : 1000)
  return {
    name: nameOf(vendor, 'long-run'),
    title: (isQuick) => `${vendor.title}, ${count(isQuick).toLocaleString('en')} turns`,
    contestants: contestants(vendor, 'turns', (isQuick) => ({
      turns: count(isQuick),
      resultBytes: 2,
    })),
    rows: [
      {
        metric: 'cpuMs',
        title: 'CPU a turn',
        unit: 'ms',
        limits: { stateless: { times: 1 }, durable: { times: 1.5 } },
      },
      { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
      { metric: 'memoryMB', title: 'peak memory', unit: 'MB' },
    ],
  }
}

/** @param {Vendor} vendor @returns {Scenario} */
function largeResults(vendor) {
  const count = (/** @type {boolean} */ isQuick) => (isQuick ? 100 : 1000)
  return {
    name: nameOf(vendor, 'large-results'),
    title: (isQuick) => `${vendor.title}, ${count(isQuick).toLocaleString('en')} turns of 10 KB`,
    contestants: contestants(vendor, 'turns', (isQuick) => ({
      turns: count(isQuick),
      resultBytes: 10_000,
    })),
    // The floor alone takes twenty seconds, and in so long a time noise evens out.
    runs: (wanted) => Math.ceil(wanted / 3),
    rows: [
      {
        metric: 'cpuMs',
        title: 'CPU a turn',
        unit: 'ms',
        limits: { stateless: { times: 0.3 }, durable: { times: 0.4 } },
        // In so few turns there is little history.
        quickLimits: { stateless: { times: 0.8 }, durable: { times: 1.5 } },
      },
      { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
      {
        metric: 'memoryMB',
        title: 'peak memory',
        unit: 'MB',
        limits: { stateless: { most: 220, orTimes: 0.7 }, durable: { most: 220, orTimes: 0.7 } },
      },
    ],
  }
}

/** @param {Vendor} vendor @returns {Scenario} */
function deltas(vendor) {
  const count = (/** @type {boolean} */ isQuick) => (isQuick ? 30_000 : 100_000)
  return {
    name: nameOf(vendor, 'deltas'),
    title: (isQuick) => `${vendor.title}, ${count(isQuick).toLocaleString('en')} deltas`,
    contestants: contestants(vendor, 'deltas', (isQuick) => ({ deltas: count(isQuick) })),
    rows: [
      {
        metric: 'cpuUs',
        title: 'CPU a delta',
        unit: 'µs',
        limits: { stateless: { times: 1 }, durable: { times: 1.2 } },
      },
      { metric: 'wallUs', title: 'wall a delta', unit: 'µs' },
    ],
  }
}
