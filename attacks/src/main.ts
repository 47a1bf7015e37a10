import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  Skipped,
  type AttackCase,
  type DecideCase,
  type HttpCase,
  type McpCase,
  type Outcome,
  type TextCase,
} from './case.ts'
import { runDecide } from './decide.ts'
import { runHttp } from './http.ts'
import { runMcp } from './mcp.ts'
import { rewritings } from './rewrite.ts'
import { runLog, runRender } from './text.ts'

const own = fileURLToPath(new URL('../cases.jsonl', import.meta.url))

const [file = own, ...filters] = process.argv.slice(2)
const cases = (await readFile(file, 'utf8'))
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line): AttackCase => JSON.parse(line))
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const attack of cases) {
  if (filters.length && !filters.some((filter) => attack.id.includes(filter))) continue
  counts[await runCase(attack)]++
}
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
)
process.exitCode = counts.failed > 0 ? 1 : 0

/** A case counts once: it fails when one of its rewritings does. */
async function runCase(attack: AttackCase): Promise<keyof typeof counts> {
  for (const { name, rewrite } of rewritings) {
    try {
      const rewritten = rewrite(attack)
      if (rewritten === attack && name !== 'as it is') continue
      const outcome = await run(rewritten)
      if (outcome === null) continue
      say(`✗ ${attack.id} ${attack.title} (${name}): ${outcome}`)
      return 'failed'
    } catch (error) {
      if (error instanceof Skipped) {
        say(`- ${attack.id} ${attack.title}: ${error.message}`)
        return 'skipped'
      }
      say(`✗ ${attack.id} ${attack.title} (${name}): it could not be run: ${String(error)}`)
      return 'failed'
    }
  }
  return 'passed'
}

async function run(attack: AttackCase): Promise<Outcome> {
  switch (attack.api) {
    case 'decide':
      return runDecide(attack as DecideCase)
    case 'render':
      return runRender(attack as TextCase)
    case 'log':
      return runLog(attack as TextCase)
    case 'http':
      return runHttp(attack as HttpCase)
    case 'mcp':
      return runMcp(attack as McpCase)
    default:
      throw new Error(`there is no runner for the interface ${JSON.stringify(attack.api)}`)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
