import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { npmInstall, output, problemsOf } from './checks.mjs'

/** @typedef {import('./readme-blocks.mjs').SourceFile} SourceFile */
/** @typedef {import('./tarballs.mjs').Tarball} Tarball */

/**
 * A project as a user starts one: the packages, what examples use beside them, and nothing else.
 * @param {string} project
 * @param {Tarball[]} tarballs
 */
export async function installProject(project, tarballs) {
  mkdirSync(project, { recursive: true })
  const ours = tarballs.map(({ file, manifest }) => [manifest.name, `file:${file}`])
  writeJson(path.join(project, 'package.json'), {
    name: 'new-project',
    private: true,
    type: 'module',
    dependencies: { ...Object.fromEntries(ours), ai: '7', zod: '4' },
    // The declarations of the AI SDK name those of json-schema and do not bring them.
    devDependencies: { '@types/json-schema': '7', '@types/node': '22' },
  })
  await npmInstall(project)
}

/**
 * A file that imports every entry of every package, so that every declaration is checked and every
 * module is loaded.
 * @param {Tarball[]} tarballs
 * @returns {SourceFile}
 */
export function entryFile(tarballs) {
  const entries = tarballs.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((entry) => entry !== './package.json')
      .map((entry) => path.posix.join(manifest.name, entry)),
  )
  const imports = entries.map((entry, index) => {
    const attributes = entry.endsWith('.json') ? " with { type: 'json' }" : ''
    return `import * as entry${index} from '${entry}'${attributes}`
  })
  const list = `export const entries = [${entries.map((_, index) => `entry${index}`).join(', ')}]`
  return { name: 'every-entry.ts', code: `${[...imports, list].join('\n')}\n` }
}

/**
 * Writes the files into a folder of the project and compiles them, declarations of all
 * dependencies included.
 * @param {string} project
 * @param {string} name of the folder
 * @param {SourceFile[]} files
 * @param {string[]} compiler
 * @param {string[]} lib a Node project by default
 */
export async function compile(project, name, files, compiler, lib = ['es2024']) {
  const folder = path.join(project, name)
  mkdirSync(folder, { recursive: true })
  for (const file of files) writeFileSync(path.join(folder, file.name), file.code)
  writeJson(path.join(folder, 'tsconfig.json'), {
    compilerOptions: {
      target: 'es2023',
      lib,
      module: 'nodenext',
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
    include: ['*.ts'],
  })
  await output([...compiler, '--project', folder, '--pretty', 'false'], { cwd: project })
  return []
}

/**
 * Runs the files as they are: Node strips the types.
 * @param {string} project
 * @param {string} name of the folder
 * @param {SourceFile[]} files
 * @param {string} node
 */
export async function runFiles(project, name, files, node) {
  /** @type {string[]} */
  const problems = []
  for (const file of files) {
    const cwd = path.join(project, name)
    await output([node, file.name], { cwd, env: emptyHome(project, node) }).catch((error) => {
      problems.push(`${file.name}: ${problemsOf(error).join('\n')}`)
    })
  }
  return problems
}

/**
 * @param {string} project
 * @param {Tarball[]} tarballs
 * @param {string} node
 */
export async function npxVersion(project, tarballs, node) {
  const expected = tarballs.find(({ manifest }) => manifest.name === 'harnext')?.manifest.version
  const command = ['npx', '--no', '--', 'harnext', '--version']
  const printed = await output(command, { cwd: project, env: emptyHome(project, node) })
  return expected !== undefined && printed.split(/\s+/).includes(expected)
    ? []
    : [`expected version ${expected}, got ${JSON.stringify(printed)}`]
}

/** Nobody's settings, sessions or keys; this Node first. */
function emptyHome(/** @type {string} */ project, /** @type {string} */ node) {
  const home = path.join(project, 'home')
  mkdirSync(home, { recursive: true })
  const PATH = [path.dirname(node), process.env['PATH']].join(path.delimiter)
  return { PATH, HOME: home, NO_COLOR: '1' }
}

function writeJson(/** @type {string} */ file, /** @type {unknown} */ value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}
