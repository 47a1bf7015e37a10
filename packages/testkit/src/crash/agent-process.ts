import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, type Agent, type SessionStore } from '@harnext/core'
import { planOf, Saboteur } from './fault.ts'
import { faultyStore } from './faulty-store.ts'
import { plainAgent, taskAdapter, taskTools, type CrashAgentParts } from './task-agent.ts'
import { taskPrompt } from './task.ts'

// One process of an agent under test: begins the task or goes on with it, and exits 0 when the run is complete.

/** What the process is to do, as JSON in its first argument. */
export interface AgentJob {
  /** URLs of modules. */
  readonly agent?: string
  readonly store: string
  readonly folder: string
  readonly effects: string
  readonly session: string
  readonly isNew: boolean
}

/** The function `name` that a module exports. Throws `ConfigError`. */
export async function exported<T>(module: string, name: string): Promise<T> {
  const url = module.startsWith('/') ? pathToFileURL(module).href : module
  const found = ((await import(url)) as Readonly<Record<string, unknown>>)[name]
  if (typeof found === 'function') return found as T
  throw new ConfigError(`${module} must export a function ${name}; got ${typeof found}.`)
}

async function main(job: AgentJob): Promise<number> {
  const { folder, session } = job
  const plan = planOf(process.env) ?? { acknowledged: path.join(folder, 'acknowledged') }
  const makeStore = await exported<(folder: string) => SessionStore>(job.store, 'store')
  const makeAgent = job.agent
    ? await exported<(parts: CrashAgentParts) => Agent>(job.agent, 'agent')
    : plainAgent
  const agent = makeAgent({
    adapter: taskAdapter(),
    store: faultyStore(makeStore(folder), new Saboteur(plan)),
    tools: taskTools(job.effects),
    folder,
  })
  const run = job.isNew ? agent.run([], taskPrompt, { session }) : agent.resume(session)
  const { success, error } = await run.result
  await agent.close()
  if (!success) process.stderr.write(`${error?.code ?? ''} ${error?.message ?? ''}\n`)
  return success ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(JSON.parse(process.argv[2] ?? '{}') as AgentJob)
