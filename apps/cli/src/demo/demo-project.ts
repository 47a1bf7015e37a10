import { mkdtemp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The project of the demo: a function with a bug, and a test that finds it. */
export const brokenLine =
  '  for (let index = 1; index < numbers.length; index++) total += numbers[index]'
export const mendedLine =
  '  for (let index = 0; index < numbers.length; index++) total += numbers[index]'
export const sourceFile = 'sum.mjs'

const source = `export function sum(numbers) {
  let total = 0
${brokenLine}
  return total
}
`

/** Slow on purpose: the power goes off in the middle of it. It notes each time it is run. */
const test = `import { strictEqual } from 'node:assert'
import { appendFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sum } from './sum.mjs'

test('sum adds all numbers', async () => {
  appendFileSync('runs.log', \`test run by process \${process.pid}\\n\`)
  await setTimeout(1000)
  strictEqual(sum([1, 2, 3]), 6)
})
`

/** A fresh copy in a temporary folder, which stays. */
export async function makeProject(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `harnext-demo-${name}-`))
  await mkdir(join(folder, '.git', 'hooks'), { recursive: true })
  await writeFile(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(folder, sourceFile), source)
  await writeFile(join(folder, 'sum.test.mjs'), test)
  return folder
}

/** How often the test was begun. */
export async function testRuns(folder: string): Promise<number> {
  const log = await readFile(join(folder, 'runs.log'), 'utf8').catch(() => '')
  return log.split('\n').length - 1
}

/** The lines that differ between the source as it was and as it is; lines of context around them. */
export async function diffOfSource(folder: string): Promise<readonly string[]> {
  const before = source.split('\n')
  const after = (await readFile(join(folder, sourceFile), 'utf8')).split('\n')
  if (before.join() === after.join()) return []
  let head = 0
  while (before[head] === after[head]) head += 1
  let tail = 0
  while (before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  return [
    `--- ${sourceFile}`,
    ...before.slice(Math.max(0, head - 1), head).map((line) => `  ${line}`),
    ...before.slice(head, before.length - tail).map((line) => `- ${line}`),
    ...after.slice(head, after.length - tail).map((line) => `+ ${line}`),
    ...after
      .slice(after.length - tail)
      .slice(0, 1)
      .map((line) => `  ${line}`),
  ]
}
