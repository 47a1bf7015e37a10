import { fileURLToPath } from 'node:url'
import { runNode } from './process.mjs'

const worker = fileURLToPath(new URL('../worker/decide.mjs', import.meta.url))

/** @returns {import('./scenario.ts').Measure} */
function deciding(/** @type {string} */ contestant) {
  return async () => JSON.parse((await runNode([worker, contestant])).stdout)
}

/** @type {import('./scenario.ts').Scenario} */
export const decisions = {
  name: 'decide',
  title: () => 'one decision (floor: one hash)',
  contestants: { floor: deciding('floor'), stateless: deciding('harnext') },
  rows: [
    {
      metric: 'readUs',
      title: 'of a read',
      unit: 'µs',
      limits: { stateless: { most: 100, orTimes: 20 } },
    },
    {
      metric: 'lineUs',
      title: 'of a command line',
      unit: 'µs',
      limits: { stateless: { most: 1000, orTimes: 200 } },
    },
  ],
}
