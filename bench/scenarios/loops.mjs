import { fileURLToPath } from 'node:url'
import { runNode } from './process.mjs'

/** @typedef {import('./scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenario.ts').Row} Row */

const worker = fileURLToPath(new URL('../worker/main.mjs', import.meta.url))

/**
 * @param {string} measurement of the worker
 * @param {(isQuick: boolean) => object} size
 * @returns {Scenario['contestants']}
 */
function contestants(measurement, size) {
  const measure =
    (/** @type {string} */ contestant) =>
    async (/** @type {import('./scenario.ts').Place} */ { serverURL, isQuick }) => {
      const what = JSON.stringify({ serverURL, ...size(isQuick) })
      const { stdout } = await runNode(['--expose-gc', worker, contestant, measurement, what])
      return JSON.parse(stdout)
    }
  return {
    floor: measure('bare-sdk'),
    stateless: measure('agent'),
    durable: measure('agent-durable'),
  }
}

/** @type {Scenario} */
export const turns = {
  name: 'turns',
  title: () => '100 turns',
  contestants: contestants('turns', () => ({ turns: 100, resultBytes: 2 })),
  rows: [
    {
      metric: 'cpuMs',
      title: 'CPU a turn',
      unit: 'ms',
      limits: { stateless: { times: 1.5 }, durable: { times: 2 } },
    },
    { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
  ],
}

const longTurns = (/** @type {boolean} */ isQuick) => (isQuick ? 300 : 1000)

/** @type {Scenario} */
export const longRun = {
  name: 'long-run',
  title: (isQuick) => `${longTurns(isQuick).toLocaleString('en')} turns`,
  contestants: contestants('turns', (isQuick) => ({ turns: longTurns(isQuick), resultBytes: 2 })),
  rows: [
    {
      metric: 'cpuMs',
      title: 'CPU a turn',
      unit: 'ms',
      limits: { stateless: { times: 1.5 }, durable: { times: 2 } },
    },
    { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
    { metric: 'memoryMB', title: 'peak memory', unit: 'MB' },
  ],
}

const largeTurns = (/** @type {boolean} */ isQuick) => (isQuick ? 100 : 1000)

/** @type {Scenario} */
export const largeResults = {
  name: 'large-results',
  title: (isQuick) => `${largeTurns(isQuick).toLocaleString('en')} turns with results of 10 KB`,
  contestants: contestants('turns', (isQuick) => ({
    turns: largeTurns(isQuick),
    resultBytes: 10_000,
  })),
  // The floor alone takes twenty seconds, and in so long a time noise evens out.
  runs: (wanted) => Math.ceil(wanted / 3),
  rows: [
    {
      metric: 'cpuMs',
      title: 'CPU a turn',
      unit: 'ms',
      limits: { stateless: { times: 1.5 }, durable: { times: 1.8 } },
    },
    { metric: 'wallMs', title: 'wall a turn', unit: 'ms' },
    { metric: 'memoryMB', title: 'peak memory', unit: 'MB' },
  ],
}

const deltaCount = (/** @type {boolean} */ isQuick) => (isQuick ? 30_000 : 100_000)

/** @type {Scenario} */
export const deltas = {
  name: 'deltas',
  title: (isQuick) => `${deltaCount(isQuick).toLocaleString('en')} deltas`,
  contestants: contestants('deltas', (isQuick) => ({ deltas: deltaCount(isQuick) })),
  rows: [
    {
      metric: 'cpuUs',
      title: 'CPU a delta',
      unit: 'µs',
      limits: { stateless: { times: 1.3 }, durable: { times: 1.4 } },
    },
    { metric: 'wallUs', title: 'wall a delta', unit: 'µs' },
  ],
}
