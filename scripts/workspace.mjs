import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder relative to the root
 * @property {boolean} hasBuild
 * @property {boolean} hasDependencies of any kind
 * @property {string[]} needs names of packages of ours
 */

/**
 * The workspace packages under the patterns of `pnpm-workspace.yaml`.
 * @param {string} root
 * @returns {Package[]}
 */
export function workspacePackages(root) {
  const patterns = workspacePatterns(readFileSync(path.join(root, 'pnpm-workspace.yaml'), 'utf8'))
  return patterns
    .flatMap((pattern) => foldersOf(root, pattern))
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .map((folder) => readPackage(root, folder))
}

/**
 * The package and all packages of ours that it needs, directly or not.
 * @param {Package[]} all
 * @param {string} name
 * @returns {Package[]}
 */
export function closure(all, name) {
  const found = new Set()
  const visit = (/** @type {string} */ next) => {
    const item = all.find((candidate) => candidate.name === next)
    if (!item || found.has(item)) return
    found.add(item)
    item.needs.forEach(visit)
  }
  visit(name)
  return [...found]
}

/** The entries of the `packages:` list: `folder` or `folder/*`. */
export function workspacePatterns(/** @type {string} */ yaml) {
  const list = /^packages:\n((?: +- .+\n)+)/m.exec(yaml)?.[1] ?? ''
  return [...list.matchAll(/- ['"]?([^'"\n]+)/g)].map((match) => match[1] ?? '')
}

/** @returns {string[]} */
function foldersOf(/** @type {string} */ root, /** @type {string} */ pattern) {
  if (!pattern.endsWith('/*')) return [pattern]
  const parent = pattern.slice(0, -2)
  return readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`)
}

/** @returns {Package} */
function readPackage(/** @type {string} */ root, /** @type {string} */ folder) {
  const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  const dependencies = { ...manifest.dependencies, ...manifest.devDependencies }
  return {
    name: manifest.name,
    folder,
    hasBuild: manifest.scripts?.build !== undefined,
    hasDependencies: Object.keys(dependencies).length > 0,
    needs: Object.keys(dependencies).filter((name) => dependencies[name].startsWith('workspace:')),
  }
}
