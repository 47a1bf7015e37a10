import { harnextColumns } from './rows.mjs'

/** @typedef {import('./rows.mjs').Line} Line */
/** @typedef {import('./rows.mjs').Cell} Cell */

/**
 * @param {readonly { readonly title: string, readonly lines: readonly Line[] }[]} scenarios
 * @returns {string}
 */
export function table(scenarios) {
  const header = ['', 'floor', 'stateless', '×', 'limit', 'durable', '×', 'limit']
  const rows = scenarios.flatMap(({ title, lines }) => lines.map((line) => cellsOf(title, line)))
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  return [header, ...rows].map((row) => `${aligned(row, widths).trimEnd()}\n`).join('')
}

/** @param {string} title @param {Line} line */
function cellsOf(title, line) {
  const harnext = harnextColumns.flatMap((column) => {
    const cell = line.cells[column]
    if (!cell) return ['', '', '']
    return [amount(cell.value, line.unit), figure(cell.times), limitOf(cell, line.unit)]
  })
  return [`${title}: ${line.title}`, amount(line.floor, line.unit), ...harnext]
}

function limitOf(/** @type {Cell} */ { limit, isAbove }, /** @type {string} */ unit) {
  if (!limit) return ''
  const text = 'times' in limit ? figure(limit.times) : amount(limit.most, unit)
  return isAbove ? `${text} !` : text
}

function amount(/** @type {number} */ value, /** @type {string} */ unit) {
  return `${figure(value)} ${unit}`
}

function figure(/** @type {number} */ value) {
  return value >= 100 ? value.toFixed(0) : value >= 20 ? value.toFixed(1) : value.toFixed(2)
}

/** The first column to the left, figures to the right. @param {string[]} row @param {number[]} widths */
function aligned(row, widths) {
  return row
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    .join('  ')
}
