import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { environment, paths } from '../environment.mjs'
import { workspacePackages } from '../workspace.mjs'
import { output } from './checks.mjs'

/**
 * @typedef {object} Tarball
 * @property {string} file
 * @property {string} content the folder with what is in it
 * @property {Manifest} manifest as published
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/** The public packages, relative to the root. */
export function publicFolders() {
  return workspacePackages(paths.root)
    .map(({ folder }) => folder)
    .filter((folder) => readManifest(path.join(paths.root, folder)).private !== true)
}

/**
 * Packs every public package as a release does, and unpacks it again to look at it.
 * @param {string} folder
 * @returns {Promise<Tarball[]>}
 */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true })
  const filters = publicFolders().flatMap((name) => ['--filter', `./${name}`])
  const pack = ['pnpm', ...filters, '--recursive', 'pack', '--pack-destination', folder]
  await output(pack, { cwd: paths.root, env: environment().env })
  const files = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return Promise.all(files.map((name) => unpack(path.join(folder, name))))
}

/** @returns {Promise<Tarball>} */
async function unpack(/** @type {string} */ file) {
  const folder = file.replace(/\.tgz$/, '')
  mkdirSync(folder)
  await output(['tar', '-xzf', file, '-C', folder], { cwd: folder })
  const content = path.join(folder, 'package')
  return { file, content, manifest: readManifest(content) }
}

/** What a tarball must not hold. */
export async function problemsIn(/** @type {Tarball[]} */ tarballs) {
  const missing = publicFolders().length - tarballs.length
  const registry = (await output(['npm', 'config', 'get', 'registry'], { cwd: paths.root })).trim()
  const { host } = new URL(registry)
  return [
    ...(missing === 0 ? [] : [`${missing} public packages have no tarball`]),
    ...tarballs.flatMap((tarball) => contentProblems(tarball, host)),
  ]
}

/**
 * @param {Pick<Tarball, 'content' | 'manifest'>} tarball
 * @param {string} registryHost of this machine
 * @returns {string[]}
 */
export function contentProblems(tarball, registryHost) {
  const forbidden = forbiddenTexts(registryHost)
  return [
    ...manifestProblems(tarball.manifest),
    ...filesOf(tarball.content).flatMap((file) => fileProblems(tarball, file, forbidden)),
  ]
}

/** @returns {string[]} */
function manifestProblems(/** @type {Manifest} */ manifest) {
  const unresolved = JSON.stringify(manifest).match(/"[^"]*":"(?:workspace|catalog):[^"]*"/g) ?? []
  const { name, dependencies, optionalDependencies, peerDependencies } = manifest
  const needs = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  return [
    ...unresolved.map((entry) => `${name}: package.json says ${entry}`),
    ...(name === '@harnext/core' ? needs.map((need) => `${name}: depends on ${need}`) : []),
  ]
}

/**
 * @param {Pick<Tarball, 'content' | 'manifest'>} tarball
 * @param {string} file relative to its content
 * @param {RegExp[]} forbidden
 */
function fileProblems({ content, manifest }, file, forbidden) {
  const text = readFileSync(path.join(content, file), 'utf8')
  // The repository may lie in the home of who checks it.
  const found = new Set(forbidden.flatMap((pattern) => pattern.exec(text)?.[0] ?? []))
  return [
    ...(isTestFile.test(file) ? [`${manifest.name}: ${file} is a test file`] : []),
    ...Array.from(found, (match) => `${manifest.name}: ${file} says ${JSON.stringify(match)}`),
  ]
}

const isTestFile =
  /(^|\/)(tests?|__\w+__|fixtures)\/|\.(test|spec|test-d)\.[cm]?[jt]sx?(\.map)?$|vitest\.\w+\.ts$/

/** Paths of this machine, at the start of a path, and the host of its registry. The public one is a name that people put into their settings. */
function forbiddenTexts(/** @type {string} */ registryHost) {
  const folders = [paths.root, homedir()].map((folder) => folder.replace(/\/$/, '') + path.sep)
  const hosts = registryHost === 'registry.npmjs.org' ? [] : [registryHost]
  return [
    ...folders
      .filter((folder) => folder !== path.sep)
      .map((folder) => new RegExp(`(?<![\\w.}-])${literally(folder)}\\S{0,40}`)),
    ...hosts.map((host) => new RegExp(literally(host))),
  ]
}

function literally(/** @type {string} */ text) {
  return text.replaceAll(/[^\w/]/g, String.raw`\$&`)
}

/** @returns {string[]} relative to the folder */
function filesOf(/** @type {string} */ folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
}

function readManifest(/** @type {string} */ folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
}
