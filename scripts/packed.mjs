#!/usr/bin/env node
/**
 * What is published works: packs every public package, installs the tarballs into a new project
 * outside of the repository, compiles the TypeScript blocks of all READMEs there with each
 * supported compiler and runs them with each supported Node.
 *
 * The packages have to be built. It brings compilers and the other Node from the npm registry,
 * where npm's cache lacks them.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Checks } from './packed/checks.mjs'
import { compilers, installTools, nodesToTry } from './packed/machine.mjs'
import { compile, entryFile, installProject, npxVersion, runFiles } from './packed/project.mjs'
import { readmeBlocks } from './packed/readme-blocks.mjs'
import { surfaceFile, exportProblems, exportsAtRunTime } from './packed/sdk-exports.mjs'
import { packAll, problemsIn } from './packed/tarballs.mjs'
import { summaryLine } from './summary.mjs'

/** Every check; one that the others need stops them when it fails. */
async function checkPacked(/** @type {string} */ folder, /** @type {Checks} */ checks) {
  const tarballs = await checks.need('pack', () => packAll(path.join(folder, 'tarballs')))
  await checks.run('content of the tarballs', () => problemsIn(tarballs))
  await checks.need('install compilers and Node', () => installTools(path.join(folder, 'tools')))
  const project = path.join(folder, 'project')
  await checks.need('npm install of the tarballs', () => installProject(project, tarballs))

  const files = [...readmeBlocks(), entryFile(tarballs)]
  const supported = compilers(path.join(folder, 'tools'))
  // The declarations of `ai` need a browser's types.
  const forNode = files.filter(({ code }) => !code.includes("from 'ai'"))
  for (const { label, command } of supported) {
    await checks.run(`examples compile, ${label}`, () =>
      compile(project, 'examples-node', forNode, command),
    )
  }
  const newest = supported.at(-1)?.command ?? []
  await checks.run("examples compile, with a browser's types", () =>
    compile(project, 'examples', files, newest, ['es2024', 'dom', 'dom.iterable']),
  )
  for (const { label, node, missing } of nodesToTry(path.join(folder, 'tools'))) {
    if (missing) {
      checks.skip(`examples run, ${label}`, missing)
      continue
    }
    await checks.run(`examples run, ${label}`, () => runFiles(project, 'examples', files, node))
    await checks.run(`npx harnext, ${label}`, () => npxVersion(project, tarballs, node))
  }

  const names = await checks.need('import @harnext/sdk', () => exportsAtRunTime(project))
  await checks.run('exports of @harnext/sdk', () => exportProblems(names))
  await checks.run('declared exports of @harnext/sdk', () =>
    compile(project, 'surface', [surfaceFile(names)], newest),
  )
}

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'harnext-packed-')))
const checks = new Checks()
try {
  await checkPacked(folder, checks)
} catch (error) {
  // Already counted and printed.
  if (error !== checks.stopped) throw error
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${summaryLine(checks.counts)}\n`)
process.exitCode = checks.counts.failed === 0 ? 0 : 1
