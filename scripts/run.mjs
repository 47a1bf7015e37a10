#!/usr/bin/env node
import { readArguments, UsageError } from './arguments.mjs'
/**
 * Every root script comes through here, as `npm run <name> -- arguments` or `pnpm <name> arguments`.
 *
 * It needs nothing but Node 20 and npm: it reads the arguments, brings what is missing (`prepare`),
 * and starts the real thing. When nothing is missing that costs milliseconds. Progress goes to
 * stderr, results to stdout; a wrong argument exits 2.
 */
import { prepare } from './bootstrap.mjs'
import { check, checkShared } from './check.mjs'
import { environment, paths, unsupported } from './environment.mjs'
import { handOver, StepError } from './step.mjs'

const commands = {
  async start(/** @type {string[]} */ task) {
    await prepare('cli')
    // The agent works in the folder of its user and with the user's environment, not with ours.
    return handOver(environment().node, [paths.cli, ...(task.length > 0 ? task : ['demo'])], {
      cwd: process.env['INIT_CWD'] ?? process.cwd(),
      env: { HARNEXT_COMMAND: 'npm start --', ...process.env },
    })
  },
  async build() {
    await prepare('packages')
    return 0
  },
  async 'test:unit'(/** @type {string[]} */ filters) {
    await prepare('cli')
    return handOver('vitest', ['run', ...filters])
  },
  async check() {
    await prepare('dependencies')
    return check()
  },
  async 'check:shared'() {
    await prepare('packages')
    return checkShared()
  },
  async bench(/** @type {string[]} */ options) {
    await prepare('packages')
    return handOver('node', ['bench/run.mjs', ...options])
  },
  async crash(/** @type {string[]} */ options) {
    await prepare('cli')
    return handOver('node', ['--conditions=@harnext/source', 'scripts/crash.mjs', ...options])
  },
  async attacks(/** @type {string[]} */ options) {
    await prepare('packages')
    return handOver('node', ['--conditions=@harnext/source', 'attacks/src/main.ts', ...options])
  },
  async fix() {
    await prepare('dependencies')
    const lint = await handOver('oxlint', ['--type-aware', '--fix'])
    return (await handOver('oxfmt', [])) || lint
  },
}

async function main(/** @type {string[]} */ [name = '', ...rest]) {
  const problem = unsupported()
  if (problem) throw new StepError(problem)
  const { command, values } = readArguments(name, rest)
  return commands[command](values)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StepError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
