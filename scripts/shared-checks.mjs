/** @typedef {[label: string, command: string, ...args: string[]]} Check */

/**
 * What `.ci/run` checks beyond `npm test`: programs that read the folder HARNEXT_SHARED (../shared
 * unless told), and longer samples of the seeded tests. One line each, `[label, command, ...args]`,
 * run one after the other; without the folder they are skipped.
 *
 * A test that needs the folder belongs into vitest instead: it reads `process.env.HARNEXT_SHARED`
 * and skips with a reason where that is not set.
 * @type {Check[]}
 */
export const sharedChecks = [
  ['permissions, larger sample', 'env', 'HARNEXT_COUNT=3000', 'vitest', 'run', 'test/permission'],
  ['ways of an issue', 'env', 'HARNEXT_LONG=1', 'vitest', 'run', '--root', 'packages/pipeline'],
  ['attack cases', 'vitest', 'run', '--root', 'attacks'],
  ['cut logs, larger sample', 'env', 'HARNEXT_COUNT=12', 'vitest', 'run', 'test/cut-sessions'],
  [
    'kills of the command line',
    'node',
    '--conditions=@harnext/source',
    'scripts/crash.mjs',
    '--kills',
    '60',
  ],
  [
    'command lines, larger sample',
    'node',
    '--conditions=@harnext/source',
    'packages/tools/test/shell/analysis/lines.ts',
    '--count',
    '20000',
    '--run',
    '100',
    '--reads',
    '200',
  ],
  ['packages', 'turbo', 'run', 'lint:pkg', '--output-logs=errors-only'],
  ['packed packages', 'node', 'scripts/packed.mjs'],
  ...['anthropic', 'openai', 'google', 'ollama'].map(fuzz),
]

/** @param {string} vendor @returns {Check} */
function fuzz(vendor) {
  const command = ['harnext-testkit', 'fuzz', `@harnext/provider-${vendor}`, '--count', '2000']
  return [`answers that are nearly right, ${vendor}`, 'pnpm', 'exec', ...command]
}
