import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { scriptURL } from '../fake-server/script.mjs'
import { runNode } from './process.mjs'

// Whole processes. The first one of each kind fills the caches of the system and is not counted, see `warm`.

/** @typedef {import('./scenario.ts').Scenario} Scenario */
/** @typedef {import('./scenario.ts').Measure} Measure */

const importer = fileURLToPath(new URL('../worker/import.mjs', import.meta.url))
const oneReply = fileURLToPath(new URL('../worker/one-reply.mjs', import.meta.url))
const cli = fileURLToPath(new URL('../../apps/cli/', import.meta.url))
const { bin, version: ownVersion } = JSON.parse(
  readFileSync(path.join(cli, 'package.json'), 'utf8'),
)
const harnext = path.join(cli, bin.harnext)

/** They are short, and a few more make them steady. */
const runs = (/** @type {number} */ wanted) => wanted + 2

/** @type {Scenario} */
export const importCore = {
  name: 'import',
  title: () => 'import @harnext/core (floor: the SDK)',
  contestants: { floor: importing('@anthropic-ai/sdk'), stateless: importing('@harnext/core') },
  runs,
  rows: [
    {
      metric: 'wallMs',
      title: 'wall',
      unit: 'ms',
      limits: { stateless: { most: 20, orTimes: 0.2 } },
    },
  ],
}

/** @type {Scenario} */
export const importClient = {
  name: 'import-client',
  title: () => 'import @harnext/sdk (floor: the SDK)',
  contestants: { floor: importing('@anthropic-ai/sdk'), stateless: importing('@harnext/sdk') },
  runs,
  rows: [
    {
      metric: 'wallMs',
      title: 'wall',
      unit: 'ms',
      limits: { stateless: { most: 50, orTimes: 0.5 } },
    },
  ],
}

/** @type {Scenario} */
export const version = {
  name: 'version',
  title: () => 'harnext --version (floor: node -e 0)',
  contestants: {
    floor: warm(async () => runNode(['-e', '0'])),
    stateless: warm(async () => expectOutput(await runNode([harnext, '--version']), ownVersion)),
  },
  runs,
  rows: [{ metric: 'wallMs', title: 'wall', unit: 'ms', limits: { stateless: { times: 2 } } }],
}

/** No prompt and no placeholder says this by itself. */
const replyText = 'measured'
const prompt = 'Say something.'

/** @type {Scenario} */
export const onePrompt = {
  name: 'print',
  title: () => 'harnext -p, one reply (floor: the SDK)',
  contestants: {
    floor: warm(async ({ serverURL }) => {
      const baseURL = scriptURL(serverURL, { text: replyText })
      const env = { ...process.env, ANTHROPIC_BASE_URL: baseURL }
      return expectOutput(await runNode([oneReply, prompt], { env }), replyText)
    }),
    stateless: warm(({ serverURL }) =>
      inNewHome(async (home) => {
        const env = {
          ...process.env,
          HOME: home,
          HARNEXT_HOME: path.join(home, '.harnext'),
          ANTHROPIC_API_KEY: 'k',
          ANTHROPIC_BASE_URL: scriptURL(serverURL, { text: replyText }),
        }
        const args = [harnext, '-p', prompt]
        return expectOutput(await runNode(args, { env, cwd: home }), replyText)
      }),
    ),
  },
  runs,
  rows: [{ metric: 'wallMs', title: 'wall', unit: 'ms', limits: { stateless: { times: 1 } } }],
}

/** @returns {Measure} */
function importing(/** @type {string} */ module) {
  return warm(async () => JSON.parse((await runNode([importer, module])).stdout))
}

/** @returns {Measure} */
function warm(
  /** @type {(place: import('./scenario.ts').Place) => Promise<{ wallMs: number }>} */ run,
) {
  /** @type {Promise<unknown> | undefined} */
  let first
  return async (place) => {
    await (first ??= run(place))
    const { wallMs } = await run(place)
    return { wallMs }
  }
}

/** @template Result @param {(home: string) => Promise<Result>} run */
async function inNewHome(run) {
  const home = await mkdtemp(path.join(tmpdir(), 'harnext-bench-'))
  try {
    return await run(home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** @template {{ stdout: string }} Result @param {Result} result @param {string} expected */
function expectOutput(result, expected) {
  if (result.stdout.includes(expected)) return result
  throw new Error(
    `The process was to print ${expected}; it printed ${JSON.stringify(result.stdout)}.`,
  )
}
