/** @typedef {import('../scenarios/scenario.ts').Scenario} Scenario */
/** @typedef {import('../scenarios/scenario.ts').Sample} Sample */
/** @typedef {import('../scenarios/scenario.ts').Column} Column */
/** @typedef {import('../scenarios/scenario.ts').Limit} Limit */
/** @typedef {Partial<Record<Column, readonly Sample[]>>} Samples */

/**
 * One line of the table.
 * @typedef {object} Line
 * @property {string} scenario
 * @property {string} title
 * @property {string} unit
 * @property {number} floor
 * @property {{ stateless?: Cell, durable?: Cell }} cells
 */

/** `times`: of the floor. @typedef {{ value: number, times: number, limit?: Limit, isAbove: boolean }} Cell */

/**
 * The medians of a scenario beside its floor and its limits.
 * @param {Pick<Scenario, 'name' | 'rows'>} scenario
 * @param {Samples} samples
 * @returns {Line[]}
 */
export function linesOf({ name, rows }, samples, isQuick = false) {
  return rows.map((row) => {
    const { metric, title, unit } = row
    const limits = (isQuick && row.quickLimits) || (row.limits ?? {})
    const medianOf = (/** @type {Column} */ column) =>
      median((samples[column] ?? []).map((sample) => sample[metric] ?? Number.NaN))
    const floor = medianOf('floor')
    /** @type {Line['cells']} */
    const cells = {}
    for (const column of harnextColumns)
      if (samples[column]) cells[column] = cellOf(medianOf(column), floor, limits[column])
    return { scenario: name, title, unit, floor, cells }
  })
}

/**
 * The lines with a figure above its limit times `tolerance`, or without a figure.
 * @param {readonly Line[]} lines
 */
export function linesAbove(lines, tolerance = 1) {
  const above = (/** @type {Cell | undefined} */ cell) =>
    cell !== undefined && isAbove(cell.value / tolerance, cell.times / tolerance, cell.limit)
  return lines.filter(({ cells }) => harnextColumns.some((column) => above(cells[column])))
}

export const harnextColumns = /** @type {const} */ (['stateless', 'durable'])

/** @param {number} value @param {number} floor @param {Limit} [limit] @returns {Cell} */
function cellOf(value, floor, limit) {
  const times = value / floor
  return { value, times, ...(limit && { limit }), isAbove: isAbove(value, times, limit) }
}

/** What is not a number is above any limit. @param {number} value @param {number} times @param {Limit} [limit] */
function isAbove(value, times, limit) {
  if (!limit) return false
  if ('times' in limit) return !(times <= limit.times)
  return !(value <= limit.most || times <= limit.orTimes)
}

/** Of an even number of values the middle between the two middle ones. */
export function median(/** @type {readonly number[]} */ values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
