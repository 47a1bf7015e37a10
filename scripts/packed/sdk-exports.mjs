import { output } from './checks.mjs'

/** What `@harnext/sdk` exports beside the errors. */
const promised = [
  'CancelToken',
  'Harness',
  'Harnext',
  'Runner',
  'Session',
  'ToolResult',
  'providers',
  'skill',
  'tool',
  'version',
]

/** @typedef {{ sdk: string[], errors: string[], everyError: string[] }} Names sorted */

/**
 * The names of the installed packages; every error is what core has as a class of errors.
 * @param {string} project
 * @returns {Promise<Names>}
 */
export async function exportsAtRunTime(project) {
  const program = `
    import * as core from '@harnext/core'
    import * as sdk from '@harnext/sdk'
    import * as errors from '@harnext/sdk/errors'
    const isError = (value) =>
      value === core.HarnextError || value?.prototype instanceof core.HarnextError
    console.log(JSON.stringify({
      sdk: Object.keys(sdk).sort(),
      errors: Object.keys(errors).sort(),
      everyError: Object.keys(core).filter((name) => isError(core[name])).sort(),
    }))`
  const command = [process.execPath, '--input-type=module', '--eval', program]
  return JSON.parse(await output(command, { cwd: project }))
}

/** How the exports differ from the promised ones. */
export function exportProblems(/** @type {Names} */ { sdk, errors, everyError }) {
  return [
    ...differences('@harnext/sdk', sdk, [...promised, ...everyError]),
    ...differences('@harnext/sdk/errors', errors, everyError),
  ]
}

/**
 * @param {string} entry
 * @param {string[]} found
 * @param {string[]} expected
 */
function differences(entry, found, expected) {
  return [
    ...expected
      .filter((name) => !found.includes(name))
      .map((name) => `${entry} does not export ${name}`),
    ...found
      .filter((name) => !expected.includes(name))
      .map((name) => `${entry} exports ${name}, which nobody promised`),
  ]
}

/**
 * A file that compiles only if the declarations have exactly the values that are there at run time.
 * @param {Names} names
 * @returns {import('./readme-blocks.mjs').SourceFile}
 */
export function surfaceFile({ sdk, errors }) {
  const code = `
import type * as sdk from '@harnext/sdk'
import type * as errors from '@harnext/sdk/errors'

type Same<Found, Expected> = [Found, Expected] extends [Expected, Found]
  ? 'same'
  : { notDeclared: Exclude<Expected, Found>; declaredAlone: Exclude<Found, Expected> }

export const client: Same<keyof typeof sdk, ${union(sdk)}> = 'same'
export const everyError: Same<keyof typeof errors, ${union(errors)}> = 'same'
`
  return { name: 'exports.ts', code }
}

function union(/** @type {string[]} */ names) {
  return names.map((name) => `'${name}'`).join(' | ') || 'never'
}
