import { parseArgs } from 'node:util'

/** The caller's mistake: the message is a sentence for a person, the exit code is 2. */
export class UsageError extends Error {}

/** @typedef {'start' | 'build' | 'test:unit' | 'check' | 'check:shared' | 'bench' | 'crash' | 'attacks' | 'fix'} Command */
/** @typedef {(given: string[]) => string[]} Reader turns what was given into what the command gets */

/** @type {Record<string, { command: Command, takes: string, read: Reader }>} */
const scripts = {
  start: { command: 'start', takes: 'what the harnext command takes', read: everything },
  build: { command: 'build', takes: 'no arguments', read: nothing },
  test: { command: 'check', takes: 'no arguments', read: nothing },
  'test:unit': {
    command: 'test:unit',
    takes: 'parts of file names, -t <name of a test> and -u to update snapshots',
    read: testFilters,
  },
  check: { command: 'check', takes: 'no arguments', read: nothing },
  'check:shared': { command: 'check:shared', takes: 'no arguments', read: nothing },
  bench: { command: 'bench', takes: 'what bench/run.mjs takes', read: everything },
  crash: { command: 'crash', takes: '--kills <number> and --seed <number>', read: crashOptions },
  attacks: {
    command: 'attacks',
    takes: 'a file of cases and parts of their ids',
    read: everything,
  },
  fix: { command: 'fix', takes: 'no arguments', read: nothing },
}

/**
 * @param {string} name of the root script
 * @param {string[]} given arguments; a leading `--` is npm's or pnpm's and ignored
 * @returns {{ command: Command, values: string[] }}
 * @throws {UsageError} for a script or an argument that does not exist
 */
export function readArguments(name, given) {
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined
  if (!script) {
    const names = Object.keys(scripts).join(', ')
    throw new UsageError(`There is no script "${name}". The scripts are ${names}.`)
  }
  try {
    return {
      command: script.command,
      values: script.read(given[0] === '--' ? given.slice(1) : given),
    }
  } catch (error) {
    // Node's message: its first sentence says what is wrong.
    const [reason] = String(error instanceof Error ? error.message : error).split(/\.(?: |$)/)
    throw new UsageError(`${reason}. "${name}" takes ${script.takes}.`)
  }
}

/** @type {Reader} */
function everything(given) {
  return given
}

/** @type {Reader} */
function nothing(given) {
  parseArgs({ args: given, options: {}, allowPositionals: false })
  return []
}

/** @type {Reader} */
function crashOptions(given) {
  parseArgs({ args: given, options: { kills: { type: 'string' }, seed: { type: 'string' } } })
  return given
}

/** @type {Reader} */
function testFilters(given) {
  const { values, positionals } = parseArgs({
    args: given,
    options: {
      testNamePattern: { type: 'string', short: 't' },
      update: { type: 'boolean', short: 'u' },
    },
    allowPositionals: true,
  })
  const pattern = values.testNamePattern
  return [
    ...positionals,
    ...(pattern === undefined ? [] : [`--testNamePattern=${pattern}`]),
    ...(values.update ? ['--update'] : []),
  ]
}
