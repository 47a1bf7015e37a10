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

export interface CaseResult {
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Why it did not pass. */
  readonly why?: string
}

/** A case counts once: it fails when one of its rewritings does, and when it cannot be run. */
export async function runCase(attack: AttackCase): Promise<CaseResult> {
  for (const { name, rewrite } of rewritings) {
    try {
      const rewritten = rewrite(attack)
      if (rewritten === attack && name !== rewritings[0]?.name) continue
      const outcome = await run(rewritten)
      if (outcome !== null) return { state: 'failed', why: `${name}: ${outcome}` }
    } catch (error) {
      if (error instanceof Skipped) return { state: 'skipped', why: error.message }
      return { state: 'failed', why: `${name}: it could not be run: ${String(error)}` }
    }
  }
  return { state: 'passed' }
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
