import { fileURLToPath } from 'node:url'
import { runNode } from './process.mjs'

/** @typedef {import('./scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenario.ts').Row} Row */

const worker = fileURLToPath(new URL('../worker/sessions.mjs', import.meta.url))

/** The floor is what the file system alone takes for it. */
const list = scenario('sessions-list', 'list', [10_000, 1000], (count) => `${count} sessions`, {
  metric: 'wallMs',
  title: 'list them',
  unit: 'ms',
  limits: { stateless: { most: 100, orTimes: 4 } },
})

const open = scenario('sessions-open', 'open', [100, 20], (size) => `a session of ${size} MB`, {
  metric: 'wallMs',
  title: 'its last messages',
  unit: 'ms',
  limits: { stateless: { most: 500, orTimes: 1 } },
})

const idle = scenario('sessions-idle', 'idle', [1000, 200], (count) => `${count} idle sessions`, {
  metric: 'memoryKB',
  title: 'memory of each',
  unit: 'KB',
  limits: { stateless: { most: 150, orTimes: 1 } },
})

export const sessions = [list, open, idle]

/**
 * @param {string} name
 * @param {string} measurement of the worker
 * @param {readonly [number, number]} sizes whole and quick
 * @param {(size: string) => string} title
 * @param {Row} row
 * @returns {Scenario}
 */
function scenario(name, measurement, [whole, quick], title, row) {
  const sizeOf = (/** @type {boolean} */ isQuick) => (isQuick ? quick : whole)
  const measure =
    (/** @type {string} */ who) =>
    async (/** @type {import('./scenario.ts').Place} */ { isQuick }) => {
      const args = ['--expose-gc', worker, measurement, who, String(sizeOf(isQuick))]
      return JSON.parse((await runNode(args)).stdout)
    }
  return {
    name,
    title: (isQuick) => title(sizeOf(isQuick).toLocaleString('en')),
    contestants: { floor: measure('floor'), stateless: measure('harnext') },
    rows: [row],
    // Writing them takes longer than what is measured.
    runs: (wanted) => Math.ceil(wanted / 3),
  }
}
