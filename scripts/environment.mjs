import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export const paths = {
  root,
  /** What the bootstrap brought and what it remembers. Ignored by git, safe to delete. */
  tools: path.join(root, '.tools'),
  toolBins: path.join(root, '.tools/node_modules/.bin'),
  bins: path.join(root, 'node_modules/.bin'),
  cli: path.join(root, 'apps/cli/bin/harnext.cjs'),
}

/** The oldest Node that runs everything here; the bootstrap itself needs only Node 20. */
const oldestNode = [22, 18]

/**
 * The packages that this machine lacks, as `name@version`; none under a right Node and pnpm.
 * @param {{ node: string, platform: string, arch: string, userAgent?: string | undefined }} machine
 * @param {{ node: string, pnpm: string }} versions that a lacking tool gets
 * @returns {string[]}
 */
export function missingTools(machine, versions) {
  const pnpmIsRight = machine.userAgent?.split(' ')[0] === `pnpm/${versions.pnpm}`
  const nodeIsRight = isAtLeast(machine.node, oldestNode)
  if (pnpmIsRight && nodeIsRight) return []
  const node = nodeIsRight
    ? []
    : [`${nodePackage(machine.platform, machine.arch)}@${versions.node}`]
  return [...node, `pnpm@${versions.pnpm}`]
}

/** The tools that this call has to find in `.tools`. */
export function toolsForThisMachine() {
  const { version, platform, arch } = process
  const userAgent = process.env['npm_config_user_agent']
  return missingTools({ node: version, platform, arch, userAgent }, pins())
}

/** What the commands of this repository run under: the right Node first, no telemetry, no notices. */
export function environment() {
  const missing = toolsForThisMachine()
  const ours = missing.length > 0 ? [paths.toolBins, paths.bins] : [paths.bins]
  return {
    node: missing.length > 1 ? path.join(paths.toolBins, 'node') : process.execPath,
    /** @type {NodeJS.ProcessEnv} */
    env: {
      ...process.env,
      ...shared(),
      PATH: [...ours, process.env['PATH']].join(path.delimiter),
      ...(process.stderr.isTTY || process.env['FORCE_COLOR'] ? {} : { NO_COLOR: '1' }),
      DO_NOT_TRACK: '1',
      NO_UPDATE_NOTIFIER: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
      TURBO_TELEMETRY_DISABLED: '1',
      npm_config_update_notifier: 'false',
    },
  }
}

/** A sentence when this machine cannot run the repository at all. */
export function unsupported() {
  if (process.platform === 'win32') return 'harnext runs on Linux and macOS; on Windows use WSL.'
  if (!isAtLeast(process.version, [20, 0])) {
    return `Node 20 or newer is needed to start; this is ${process.version}.`
  }
  return undefined
}

/** Tests that need the folder beside the repository find it here, and are skipped without it. */
function shared() {
  const folder = path.resolve(root, process.env['HARNEXT_SHARED'] ?? '../shared')
  return { HARNEXT_SHARED: existsSync(folder) ? folder : undefined }
}

/** The two versions stand where other programs look for them too. */
function pins() {
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return {
    node: readFileSync(path.join(root, '.node-version'), 'utf8').trim(),
    pnpm: packageManager.replace('pnpm@', ''),
  }
}

/** Linux packages carry the binary; `node` fetches it for other systems in an install script. */
function nodePackage(/** @type {string} */ platform, /** @type {string} */ arch) {
  return platform === 'linux' && ['x64', 'arm64'].includes(arch) ? `node-linux-${arch}` : 'node'
}

function isAtLeast(/** @type {string} */ version, /** @type {number[]} */ [major = 0, minor = 0]) {
  const [ownMajor = 0, ownMinor = 0] = version.replace('v', '').split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
