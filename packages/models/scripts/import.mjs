// Reduces a collected list of models to what the catalog says about them: data/models.csv.
//   node scripts/import.mjs <models.json> [--check]

import { readFileSync } from 'node:fs'
import { dataFile, writeRows } from './csv.mjs'
import { update } from './update.mjs'

/** @typedef {{ input: number, output: number, cacheRead: number | null, cacheWrite: number | null }} Rates */
/** @typedef {Rates & { inputTokensAbove: number }} Tier */
/**
 * @typedef {object} SourceModel
 * @property {string} provider
 * @property {string} id
 * @property {string} name
 * @property {number} contextWindow
 * @property {number} maxOutput
 * @property {Rates & { tiers?: Tier[] }} cost
 * @property {Record<'vision' | 'pdf' | 'tools' | 'reasoning' | 'structuredOutput', boolean | null>} capabilities
 * @property {string} [releaseDate]
 * @property {string[]} sources
 */

const columns = (
  'provider id name contextWindow maxOutputTokens input output cacheRead cacheWrite tiers ' +
  'images files tools reasoning structuredOutput released sources'
).split(' ')

const [file] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (file === undefined) throw new Error('Usage: node scripts/import.mjs <models.json> [--check]')
/** @type {{ models: SourceModel[] }} */
const { models } = JSON.parse(readFileSync(file, 'utf8'))
const text = writeRows(columns, models.map(toRow))
update(dataFile('models.csv'), text, `node scripts/import.mjs ${file}`)

/** @param {SourceModel} model */
function toRow({ provider, id, name, contextWindow, maxOutput, cost, capabilities, ...rest }) {
  const { tiers = [], input, output, cacheRead, cacheWrite } = cost
  return {
    provider,
    id,
    name: name.replace(' (latest)', ''),
    contextWindow: String(contextWindow),
    maxOutputTokens: String(maxOutput),
    input: String(input),
    output: String(output),
    cacheRead: String(cacheRead ?? ''),
    cacheWrite: String(cacheWrite ?? ''),
    tiers: tiers.map(tierText).join(' '),
    images: answer(capabilities.vision),
    files: answer(capabilities.pdf),
    tools: answer(capabilities.tools),
    reasoning: answer(capabilities.reasoning),
    structuredOutput: answer(capabilities.structuredOutput),
    released: rest.releaseDate ?? '',
    sources: rest.sources.join(' '),
  }
}

/** @param {Tier} tier */
function tierText({ inputTokensAbove, input, output, cacheRead, cacheWrite }) {
  return `${inputTokensAbove}:${[input, output, cacheRead ?? '', cacheWrite ?? ''].join('/')}`
}

/** @param {boolean | null} known */
function answer(known) {
  if (known === null) return ''
  return known ? 'yes' : 'no'
}
