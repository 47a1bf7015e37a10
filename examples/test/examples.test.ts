import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

// Every example runs and asserts its own result; every TypeScript block of a README compiles and runs as it is pasted.

const run = promisify(execFile)
const examples = path.join(import.meta.dirname, '..')
const root = path.join(examples, '..')
/** Inside of this package, so that its imports resolve as a reader's would. */
const pasted = path.join(examples, '.pasted', String(process.pid))

/** Runs the sources, so that it needs no build; sessions and settings are none of the person's who tests. */
function runFile(
  file: string,
  ...flags: readonly string[]
): Promise<{ stdout: string; stderr: string }> {
  return run(
    process.execPath,
    ['--conditions=@harnext/source', '--disable-warning=ExperimentalWarning', ...flags, file],
    { cwd: examples, env: { ...process.env, HARNEXT_HOME: path.join(pasted, 'home') } },
  )
}

const files = (await readdir(examples)).filter((name) => name.endsWith('.ts') && /^\d/.test(name))

/** Ten times what a slow machine takes for an example that loads every vendor's SDK. */
const LONGEST_MS = 30_000

test.each(files)(
  '%s runs',
  async (file) => {
    await expect(runFile(path.join(examples, file))).resolves.toBeDefined()
  },
  LONGEST_MS,
)

/** What they show has no run in it. */
const withoutRun = [
  '47-providers.ts',
  '50-pipeline.ts',
  '51-pipeline-stages.ts',
  '52-pipeline-preview.ts',
  '53-runner.ts',
]

test.each(files.filter((file) => !withoutRun.includes(file)))(
  '%s notices that the loop is broken',
  async (file) => {
    const broken = runFile(path.join(examples, file), '--import=./test/broken-loop.mjs')
    await expect(broken).rejects.toMatchObject({ code: 1 })
  },
  LONGEST_MS,
)

interface Block {
  readonly readme: string
  readonly file: string
  readonly code: string
}

async function blocks(): Promise<readonly Block[]> {
  const folders = ['.']
  for (const parent of ['packages', 'apps']) {
    const names = await readdir(path.join(root, parent))
    folders.push(...names.map((name) => path.join(parent, name)))
  }
  const found: Block[] = []
  for (const folder of folders) {
    const readme = path.join(folder, 'README.md')
    const text = await readFile(path.join(root, readme), 'utf8').catch(() => '')
    for (const [, code = ''] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      const name = `${folder.replaceAll(/[^a-z]+/g, '-').replace(/^-$/, 'root')}-${found.length}.ts`
      found.push({ readme, file: path.join(pasted, name), code })
    }
  }
  return found
}

await rm(pasted, { recursive: true, force: true })
await mkdir(pasted, { recursive: true })
const all = await blocks()
for (const { file, code } of all) await writeFile(file, code)
afterAll(() => rm(pasted, { recursive: true, force: true }))

test('there is at least one block, and all compile', async () => {
  expect(all.length).toBeGreaterThan(0)
  await writeFile(
    path.join(pasted, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      include: ['*.ts'],
      compilerOptions: { isolatedDeclarations: false },
    }),
  )
  const tsc = path.join(root, 'node_modules/.bin/tsc')
  await expect(run(tsc, ['-p', pasted])).resolves.toBeDefined()
}, 60_000)

test.each(all)('$readme: $code', async ({ file }) => {
  await expect(runFile(file)).resolves.toBeDefined()
})
