import { fileURLToPath } from 'node:url'
import { runNode } from './process.mjs'

/** @typedef {import('./scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenario.ts').Measure} Measure */

const worker = fileURLToPath(new URL('../worker/turn-age.mjs', import.meta.url))

/** A late turn beside an early one of the same loop, which is the floor. */
export const turnAges = [late('stateless', 'late-turns'), late('durable', 'late-turns-durable')]

/** @param {'stateless' | 'durable'} kind @param {string} name @returns {Scenario} */
function late(kind, name) {
  const turns = (/** @type {boolean} */ isQuick) => (isQuick ? 300 : 1000)
  /** @returns {Measure} */
  const measure =
    (/** @type {string} */ place) =>
    async ({ isQuick }) =>
      JSON.parse((await runNode([worker, kind, place, String(turns(isQuick))])).stdout)
  return {
    name,
    title: (isQuick) => `turn ${turns(isQuick).toLocaleString('en')}, ${kind} (floor: turn 10)`,
    contestants: { floor: measure('early'), [kind]: measure('late') },
    rows: [
      {
        metric: 'cpuMs',
        title: 'CPU without sending',
        unit: 'ms',
        limits: { [kind]: { times: 1.25 } },
      },
    ],
    // Each process has several runs.
    runs: (wanted) => Math.ceil(wanted / 3),
  }
}
