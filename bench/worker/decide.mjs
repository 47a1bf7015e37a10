import { createHash } from 'node:crypto'
import { decide, parseRules } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { bash } from '@harnext/tools/bash'

// What a decision takes: `decide.mjs <harnext | floor>`. The floor is one hash of the call's text: something small that a run does, too.

const line = 'cd packages/core && npm test -- --run 2>&1 | tail -20'
const rounds = 3000
const [contestant] = process.argv.slice(2)

const { rules } = parseRules([
  'allow bash(npm test:*)',
  'allow bash(git:*)',
  'allow read(./src/**)',
  'allow edit(./src/**)',
  'allow network(example.com)',
  'deny bash(rm -rf:*)',
  'deny bash(git push:*)',
  'deny read(./.env)',
  'ask edit(**/*.lock)',
])
const cwd = process.cwd()
const workspace = localWorkspace({ roots: [cwd] })
const base = { mode: /** @type {const} */ ('manual'), rules, roots: workspace.roots }

function read() {
  const target = `${cwd}/src/index.ts`
  decide({
    ...base,
    call: { tool: 'read', args: { path: target } },
    effects: [{ kind: 'read', target }],
  })
}

/** With the paths of the line looked up on the disk. */
async function shellLine() {
  const args = { command: line }
  const effects = await bash.effects(args, context)
  decide({ ...base, call: { tool: 'bash', args }, effects })
}

const context = /** @type {import('@harnext/core').ToolContext} */ (
  /** @type {unknown} */ ({ workspace, signal: new AbortController().signal })
)
const hash = () => void createHash('sha256').update(line).digest('hex')

async function microseconds(/** @type {() => void | Promise<void>} */ work) {
  for (let round = 0; round < rounds / 3; round++) await work()
  const begun = performance.now()
  for (let round = 0; round < rounds; round++) await work()
  return ((performance.now() - begun) * 1000) / rounds
}

const isFloor = contestant === 'floor'
const sample = {
  readUs: await microseconds(isFloor ? hash : read),
  lineUs: await microseconds(isFloor ? hash : shellLine),
}
process.stdout.write(`${JSON.stringify(sample)}\n`)
