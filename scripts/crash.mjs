#!/usr/bin/env node
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { jsonlStore } from '@harnext/core/node'
import { anthropic } from '@harnext/provider-anthropic'
import { google } from '@harnext/provider-google'
import { ollama } from '@harnext/provider-ollama'
import { openai, openaiChat } from '@harnext/provider-openai'
import { crashProgram, startTaskServer } from '@harnext/testkit'
import { environment, paths } from './environment.mjs'
import { output } from './packed/checks.mjs'
import { summaryLine } from './summary.mjs'

// Kills the command line as npm packs it, at every place where it could hurt: `crash.mjs [--kills 100] [--seed 1]`. Each kill counts as
// one check. What went wrong is printed with the seed that repeats it.

/** @typedef {import('@harnext/testkit').CrashSubject} CrashSubject */
/** @typedef {import('@harnext/testkit').TaskServer} TaskServer */

/** @returns {Promise<string>} the program of the packed CLI */
async function packCli(/** @type {string} */ folder) {
  const pack = ['pnpm', '--filter', 'harnext', 'pack', '--pack-destination', folder]
  await output(pack, { cwd: paths.root, env: environment().env })
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  await output(['tar', '-xzf', path.join(folder, tarball), '-C', folder], { cwd: folder })
  return path.join(folder, 'package/bin/harnext.cjs')
}

/** How the program does what the task asks for: all that has an effect is a command of the shell. */
function startServer() {
  return startTaskServer(({ id, kind }) =>
    kind === 'look'
      ? { tool: 'glob', args: { pattern: '*.txt' } }
      : { tool: 'bash', args: { command: `echo ${id} >> effects.txt` } },
  )
}

/**
 * @param {string} program
 * @param {TaskServer} server
 * @returns {CrashSubject}
 */
function cliSubject(program, { url, vault, complaints }) {
  const home = (/** @type {string} */ folder) => path.join(folder, 'home')
  return {
    needsPreload: true,
    vault,
    complaints,
    store: (folder) => jsonlStore({ home: home(folder), sync: true }),
    start({ folder, session, isNew, prompt }) {
      const flags = ['-p', '-m', 'anthropic/claude-sonnet-4-5', '--permission-mode', 'bypass']
      const which = session === null ? [] : ['-r', session]
      return {
        command: environment().node,
        args: [program, ...flags, ...which, ...(isNew ? [prompt] : [])],
        cwd: path.join(folder, 'work'),
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          HARNEXT_HOME: home(folder),
          ANTHROPIC_API_KEY: 'key',
          ANTHROPIC_BASE_URL: url,
          NODE_COMPILE_CACHE: path.join(path.dirname(program), 'compiled'),
        },
      }
    },
  }
}

const adapters = [anthropic, openai, openaiChat, google, ollama].map(
  (make) => (/** @type {import('@harnext/testkit').FactoryOptions} */ options) => make(options),
)

/** @param {number} kills @param {number} seed */
async function crash(kills, seed) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'harnext-packed-cli-')))
  const server = await startServer()
  try {
    const subject = cliSubject(await packCli(folder), server)
    return await crashProgram(subject, {
      kills,
      seed,
      adapters,
      onSession: (report) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${report.kills} of ${kills} kills`)
      },
    })
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})
const begun = performance.now()
const { kills, killsInCalls, sessions, otherFaults, problems } = await crash(
  Number(values.kills),
  Number(values.seed),
)
for (const { session, seed, problem } of problems)
  process.stdout.write(`seed ${seed}, session ${session}: ${problem}\n`)
process.stdout.write(
  `${kills} kills in ${sessions} sessions, ${killsInCalls} of them between the start of a call and its outcome, ` +
    `${otherFaults} other faults, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`,
)
const failed = new Set(problems.map(({ session }) => session)).size
process.stdout.write(
  `${summaryLine({ passed: Math.max(0, kills - failed), failed, skipped: 0 })}\n`,
)
process.exitCode = failed === 0 ? 0 : 1
