import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { environment, paths, toolsForThisMachine } from './environment.mjs'
import { fingerprint, Stamp } from './fingerprint.mjs'
import { withLock } from './lock.mjs'
import { say, step } from './step.mjs'
import { closure, workspacePackages } from './workspace.mjs'

/**
 * What a command needs before it can run: the dependencies alone, also the CLI's bundle, or also
 * every package built.
 * @typedef {'dependencies' | 'cli' | 'packages'} Need
 */

/**
 * Brings what is missing, in order, and nothing else. A stage is done when its stamp says so; the
 * stamp is removed before the stage starts and written after it ended, so a stage that was killed
 * is done again. One call at a time writes; the others wait and then find the work done.
 * @param {Need} need
 */
export async function prepare(need) {
  const stages = [tools, dependencies, ...(need === 'dependencies' ? [] : [builds[need]])]
  if (stages.every((stage) => stage.isDone())) return
  await withLock(path.join(paths.tools, 'lock'), async () => {
    for (const stage of stages) if (!stage.isDone()) await stage.run()
  })
}

/** @typedef {import('./workspace.mjs').Package} Package */
/** @typedef {{ isDone: () => boolean, run: () => Promise<void> }} Stage */

const toolsStamp = new Stamp(path.join(paths.tools, 'tools.stamp'))

/** @type {Stage} */
const tools = {
  isDone() {
    const there = toolsStamp.read()?.split(' ') ?? []
    return toolsForThisMachine().every((tool) => there.includes(tool))
  },
  async run() {
    const wanted = toolsForThisMachine()
    say(`Bringing ${wanted.join(' and ')} from the npm registry into .tools …`)
    toolsStamp.remove()
    rmSync(path.join(paths.tools, 'node_modules'), { recursive: true, force: true })
    // The packages of node and pnpm put their binaries in place by an install script.
    const where = ['--prefix', paths.tools, '--no-save', '--no-package-lock']
    const how = ['--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error']
    await step('tools', 'npm', ['install', ...where, ...how, ...shortRetries, ...wanted])
    await step('node starts', environment().node, ['--version'])
    toolsStamp.write(wanted.join(' '))
  },
}

/** Without a network, a person waits for seconds and not for npm's minutes a package. */
const shortRetries = ['--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=1000']

/** Inside `node_modules`: whoever deletes the folder deletes the stamp. */
const dependenciesStamp = new Stamp(path.join(paths.root, 'node_modules/.dependencies.stamp'))

/** @type {Stage} */
const dependencies = {
  isDone() {
    const packages = workspacePackages(paths.root)
    return dependenciesStamp.read() === dependenciesValue(packages) && packages.every(isLinked)
  },
  async run() {
    say('Installing the dependencies of the lockfile …')
    dependenciesStamp.remove()
    const pnpm = ['install', '--frozen-lockfile', '--prefer-offline']
    // In CI pnpm never asks, also not whether it may replace a broken node_modules.
    await step('dependencies', 'pnpm', pnpm, { env: { CI: '1' } })
    dependenciesStamp.write(dependenciesValue(workspacePackages(paths.root)))
  },
}

function dependenciesValue(/** @type {Package[]} */ packages) {
  const manifests = packages.map(({ folder }) => path.join(folder, 'package.json'))
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]
  return `${process.platform}-${process.arch} ${fingerprint(paths.root, files)}`
}

function isLinked(/** @type {Package} */ { folder, hasDependencies }) {
  return !hasDependencies || existsSync(path.join(paths.root, folder, 'node_modules'))
}

const builds = {
  /** The bundle is made from sources, so it needs no other package built. */
  cli: build('cli', 'pnpm', ['--filter', 'harnext', 'run', 'build'], {
    from: () => closure(workspacePackages(paths.root), 'harnext'),
    into: (made) => made.filter((item) => item.name === 'harnext'),
  }),
  packages: build('packages', 'turbo', ['run', 'build', '--output-logs=errors-only'], {
    from: () => workspacePackages(paths.root).filter((item) => item.hasBuild),
    into: (made) => made,
  }),
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {{ from: () => Package[], into: (made: Package[]) => Package[] }} packages
 * @returns {Stage}
 */
function build(name, command, args, packages) {
  const stamp = new Stamp(path.join(paths.tools, `${name}.stamp`))
  const value = () => {
    const made = packages.from()
    const inputs = made.flatMap(({ folder }) => buildInputs.map((file) => path.join(folder, file)))
    const outputs = packages.into(made).map(({ folder }) => path.join(folder, 'dist'))
    const sources = fingerprint(paths.root, ['pnpm-lock.yaml', 'tsconfig.base.json', ...inputs])
    return `${sources} ${fingerprint(paths.root, outputs)}`
  }
  return {
    isDone: () => stamp.read() === value(),
    async run() {
      stamp.remove()
      await step(`build ${name}`, command, args)
      stamp.write(value())
    },
  }
}

const buildInputs = [
  'src',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'rolldown.config.ts',
]
