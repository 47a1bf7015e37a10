/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @returns {Counts} */
export function addCounts(/** @type {Counts[]} */ all) {
  const total = (/** @type {keyof Counts} */ key) => all.reduce((sum, next) => sum + next[key], 0)
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
}

/** The line that programs look for; it stands alone. */
export function summaryLine(/** @type {Counts} */ { passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
