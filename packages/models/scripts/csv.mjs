import { readFileSync } from 'node:fs'

/** @typedef {Record<string, string>} Row a value for each column */

const folder = new URL('../data/', import.meta.url)

/** @param {string} name of a file of `data/` */
export function dataFile(name) {
  return new URL(name, folder)
}

/**
 * The rows of a file of `data/`: a line of column names, then a line for each row. Values hold no
 * comma and no quote.
 * @param {string} name
 * @returns {Row[]}
 */
export function readRows(name) {
  const [head = '', ...lines] = readFileSync(dataFile(name), 'utf8').trimEnd().split('\n')
  const columns = head.split(',')
  return lines.map((line, index) => {
    const values = line.split(',')
    if (values.length !== columns.length || line.includes('"')) {
      const what = `${values.length} values: ${line}`
      throw new Error(`data/${name}:${index + 2}: expected ${columns.length} values, got ${what}`)
    }
    return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? '']))
  })
}

/**
 * @param {readonly string[]} columns
 * @param {readonly Row[]} rows
 */
export function writeRows(columns, rows) {
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','))
  return `${[columns.join(','), ...lines].join('\n')}\n`
}
