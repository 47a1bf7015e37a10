/** @typedef {import('./scenarios/scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenarios/scenario.ts').Column} Column */
/** @typedef {import('./scenarios/scenario.ts').Place} Place */
/** @typedef {import('./scenarios/scenario.ts').Sample} Sample */
/** @typedef {Partial<Record<Column, Sample[]>>} Samples */

/**
 * Runs the contestants in turn, so that what else the machine does meets all of them.
 * @param {Pick<Scenario, 'contestants'>} scenario
 * @param {number} runs
 * @param {Place} place
 * @returns {Promise<Samples>}
 */
export async function measure({ contestants }, runs, place) {
  /** @type {Samples} */
  const samples = {}
  for (let run = 0; run < runs; run++)
    for (const column of columns) {
      const sample = await contestants[column]?.(place)
      if (sample) (samples[column] ??= []).push(sample)
    }
  return samples
}

/** @param {Samples} one @param {Samples} other @returns {Samples} */
export function joinSamples(one, other) {
  /** @type {Samples} */
  const joined = {}
  for (const column of columns) {
    const all = [...(one[column] ?? []), ...(other[column] ?? [])]
    if (all.length > 0) joined[column] = all
  }
  return joined
}

const columns = /** @type {const} */ (['floor', 'stateless', 'durable'])
