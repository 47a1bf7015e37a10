import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SessionStore } from '@harnext/core'
import type { Vault } from '../wire/vault.ts'
import { exported, type AgentJob } from './agent-process.ts'

/** A program that works on the task and keeps a session. */
export interface CrashSubject {
  /** How it is started. `session` is to be gone on with, or begun when `isNew`; `null`: it has none yet, and names one itself. */
  start(work: CrashWork): CrashCommand
  /** The store that it keeps the session in. */
  store(folder: string): SessionStore
  /** What its server found wrong with a request. @default nothing */
  readonly complaints?: readonly string[]
  /** Faults are brought about in its process by this module instead of by itself. */
  readonly needsPreload?: true
  /** The signatures of the vendor that its server plays. */
  readonly vault?: Vault
}

export interface CrashWork {
  /** Of this session alone. */
  readonly folder: string
  /** Where each effect appends the id of its call, with a line feed. */
  readonly effects: string
  readonly session: string | null
  readonly isNew: boolean
  /** What a new session begins with. */
  readonly prompt: string
}

export interface CrashCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** An agent and a store that are exported by modules, in processes of Node. */
export async function agentSubject(
  agent: string | undefined,
  store: string,
): Promise<CrashSubject> {
  const makeStore = await exported<(folder: string) => SessionStore>(store, 'store')
  const script = siblingFile('agent-process')
  return {
    store: makeStore,
    start({ folder, effects, session, isNew }) {
      const job: AgentJob = {
        ...(agent !== undefined && { agent }),
        store,
        folder,
        effects,
        session: session ?? 'sess_crash',
        isNew,
      }
      const conditions = script.endsWith('.ts') ? ['--conditions=@harnext/source'] : []
      const args = [...conditions, script, JSON.stringify(job)]
      return { command: process.execPath, args, cwd: folder, env: process.env }
    },
  }
}

/** A module beside this one, as source or compiled. */
export function siblingFile(name: string): string {
  const extension = path.extname(fileURLToPath(import.meta.url))
  const file = fileURLToPath(new URL(`${name}${extension}`, import.meta.url))
  if (existsSync(file)) return file
  throw new Error(`${file} is missing.`)
}
