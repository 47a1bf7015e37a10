// Makes src/generated/table.ts from data/.
//   node scripts/generate.mjs [--check]

import { readRows } from './csv.mjs'
import { update } from './update.mjs'

/** @typedef {import('./csv.mjs').Row} Row */

const columns =
  'provider id name contextWindow maxOutputTokens price tiers capabilities released aliases'.split(
    ' ',
  )
const providers = ['anthropic', 'openai', 'google', 'ollama']

const rows = [...readRows('models.csv'), ...readRows('additions.csv')].toSorted(byProviderAndId)
const aliases = readRows('aliases.csv')
const defaults = readRows('defaults.csv')
checkRows()
update(new URL('../src/generated/table.ts', import.meta.url), source(), 'pnpm generate')

function source() {
  const lines = rows.map((row) => columns.map((column) => cell(row, column)).join(','))
  const entries = defaults.map(({ provider, id }) => `  ${provider}: '${id}',`)
  return `// Made by scripts/generate.mjs from data/; change it there.

/** ${columns.join(', ')} */
export const table: string = \`
${lines.join('\n')}
\`

export const defaultModels: { readonly [provider: string]: string } = {
${entries.join('\n')}
}
`
}

/**
 * @param {Row} row
 * @param {string} column
 */
function cell(row, column) {
  if (column === 'price') {
    return [row['input'], row['output'], row['cacheRead'], row['cacheWrite']].join('/')
  }
  if (column === 'capabilities') {
    const asked = ['images', 'files', 'tools', 'reasoning', 'structuredOutput']
    return asked.map((name) => (row[name] || '?')[0]).join('')
  }
  if (column === 'aliases') {
    const own = aliases.filter(
      ({ provider, id }) => provider === row['provider'] && id === row['id'],
    )
    return own.map(({ alias }) => alias).join(' ')
  }
  return row[column]
}

/** Models whose numbers or names cannot be right stop here. */
function checkRows() {
  const ids = new Set(rows.map(nameOf))
  expect(ids.size === rows.length, 'Two models have the same provider and id')
  for (const row of rows) {
    const { contextWindow, maxOutputTokens } = row
    expect(isCount(contextWindow) && isCount(maxOutputTokens), `${nameOf(row)}: bad limits`)
    expect(hasPrice(row), `${nameOf(row)}: bad price`)
    expect(providers.includes(row['provider'] ?? ''), `${nameOf(row)}: unknown provider`)
  }
  const names = [...aliases.map(({ alias }) => alias), ...rows.map(({ id }) => id)]
  for (const row of aliases) {
    const { alias } = row
    expect(ids.has(nameOf(row)), `Alias ${alias}: there is no model ${nameOf(row)}`)
    expect(
      names.filter((name) => name === alias).length === 1,
      `Alias ${alias} is not the only one`,
    )
  }
  for (const row of defaults) expect(ids.has(nameOf(row)), `There is no model ${nameOf(row)}`)
}

/** @param {Row} row */
function hasPrice({ input, output, cacheRead, cacheWrite }) {
  const rates = [input, output, cacheRead || input, cacheWrite || input]
  return (
    rates.every((rate) => /^\d+(\.\d+)?$/.test(rate ?? '')) && !(Number(cacheRead) > Number(input))
  )
}

/** @param {string | undefined} value */
function isCount(value) {
  return Number.isSafeInteger(Number(value)) && Number(value) > 0
}

/**
 * @param {Row} a
 * @param {Row} b
 */
function byProviderAndId(a, b) {
  const order = providers.indexOf(a['provider'] ?? '') - providers.indexOf(b['provider'] ?? '')
  return order || (nameOf(a) < nameOf(b) ? -1 : 1)
}

/** @param {Row} row */
function nameOf({ provider, id }) {
  return `${provider}/${id}`
}

/**
 * @param {boolean} holds
 * @param {string} problem
 */
function expect(holds, problem) {
  if (!holds) throw new Error(`data/: ${problem}.`)
}
