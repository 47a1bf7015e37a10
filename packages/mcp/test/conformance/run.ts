// The protocol's own suite against @harnext/mcp, and against the bare SDK: what fails through our package has to fail without it, too.
//   node --conditions=@harnext/source test/conformance/run.ts [--suite all] [--scenario name]
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'all' },
    scenario: { type: 'string' },
    timeout: { type: 'string', default: '60000' },
  },
})
const require = createRequire(import.meta.url)
const suite = path.join(
  path.dirname(require.resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
)
const client = fileURLToPath(new URL('client.ts', import.meta.url))

const ours = await failuresOf(false)
const theirs = await failuresOf(true)
const known = ours.failed.filter((name) => theirs.failed.includes(name))
const broken = ours.failed.filter((name) => !theirs.failed.includes(name))
const better = theirs.failed.filter((name) => !ours.failed.includes(name))
for (const name of known) console.log(`fails with the bare SDK, too: ${name}`)
for (const name of better) console.log(`fails with the bare SDK only: ${name}`)
for (const name of broken) console.log(`FAILS: ${name}`)
console.log(
  `${ours.passed} checks passed, ${broken.length} failed, ${known.length} fail with the bare SDK, too`,
)
process.exitCode = broken.length === 0 && ours.passed > 0 ? 0 : 1

interface Outcome {
  readonly passed: number
  /** `scenario: check`, each once. */
  readonly failed: readonly string[]
}

async function failuresOf(isBare: boolean): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'harnext-conformance-'))
  const what =
    values.scenario === undefined ? ['--suite', values.suite] : ['--scenario', values.scenario]
  const command = `${process.execPath} --conditions=@harnext/source ${client}`
  const args = ['client', '--command', command, ...what, '--timeout', values.timeout, '-o', folder]
  try {
    await run(args, { ...process.env, HARNEXT_BARE: isBare ? '1' : '0' })
    return await outcomeIn(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The suite's own exit code says whether all passed; here the checks are compared. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [suite, ...args], { env, stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
}

async function outcomeIn(folder: string): Promise<Outcome> {
  const entries = await readdir(folder, { recursive: true })
  const failed = new Set<string>()
  let passed = 0
  for (const entry of entries.filter((each) => each.endsWith('checks.json'))) {
    const checks = JSON.parse(await readFile(path.join(folder, entry), 'utf8')) as readonly {
      readonly id: string
      readonly status: string
    }[]
    const scenario = path.dirname(entry).replace(/-\d{4}-\d\d-\d\dT.*$/, '')
    for (const { id, status } of checks) {
      if (status === 'SUCCESS') passed += 1
      if (status === 'FAILURE' || status === 'WARNING')
        failed.add(`${scenario}: ${id} (${status.toLowerCase()})`)
    }
  }
  return { passed, failed: [...failed].toSorted() }
}
