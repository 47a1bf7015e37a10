import { parseArgs } from 'node:util'

/** The caller's mistake: the message is a sentence for a person, the exit code is 2. */
export class UsageError extends Error {}

export const usage = `Options:
  --only <scenario>  measures this one; may be repeated
  --runs <number>    processes of each contestant (5, or 2 with --quick)
  --tolerance <x>    fails above x times the limits, which are said all the same (1)
  --quick            fewer turns and runs, for a first look
  --json <file>      where the figures are written (bench/results/latest.json)
`

/**
 * @typedef {object} Arguments
 * @property {string[]} only names of scenarios; empty for all
 * @property {number} runs
 * @property {number} tolerance
 * @property {boolean} isQuick
 * @property {string} [json]
 * @property {boolean} help
 */

/**
 * @param {string[]} given a leading `--` is npm's or pnpm's and ignored
 * @param {readonly string[]} names of the scenarios
 * @returns {Arguments}
 * @throws {UsageError}
 */
export function readArguments(given, names) {
  const { only = [], runs, tolerance = '1', quick = false, json, help = false } = parse(given)
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`There is no scenario ${unknown}. The scenarios are ${names.join(', ')}.`)
  if (runs !== undefined && !/^[1-9]\d{0,3}$/.test(runs))
    throw new UsageError(`--runs takes a whole number from 1 to 9999; got ${JSON.stringify(runs)}.`)
  if (!(Number(tolerance) >= 1))
    throw new UsageError(
      `--tolerance takes a number of at least 1; got ${JSON.stringify(tolerance)}.`,
    )
  return {
    only,
    tolerance: Number(tolerance),
    runs: runs === undefined ? (quick ? 2 : 5) : Number(runs),
    isQuick: quick,
    ...(json !== undefined && { json }),
    help,
  }
}

function parse(/** @type {string[]} */ given) {
  try {
    return parseArgs({
      args: given[0] === '--' ? given.slice(1) : given,
      options: {
        only: { type: 'string', multiple: true },
        runs: { type: 'string' },
        tolerance: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    // Node's message: its first sentence says what is wrong.
    const [reason] = String(error instanceof Error ? error.message : error).split(/\.(?: |$)/)
    throw new UsageError(`${reason}.`)
  }
}
