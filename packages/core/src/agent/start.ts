import type { Ledger } from '../budget/ledger.ts'
import { ConfigError, HarnextError, SessionNotFound } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Message } from '../messages.ts'
import type { Asker } from '../permission/answer.ts'
import type { StartedRun } from '../run/drive.ts'
import type { HookWarning } from '../run/hooks.ts'
import type { RunResult } from '../run/result.ts'
import { newState } from '../run/state.ts'
import { Session } from '../session/session.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { planWorkspace } from '../workspace/plan-workspace.ts'
import type { RunFrom } from './agent.ts'
import { inputEvents } from './input.ts'
import { openTools, type RunTools } from './open-tools.ts'
import { inMode, type AgentOptions } from './options.ts'
import { held } from './run-hooks.ts'
import { wire } from './wire.ts'

export interface StartOptions {
  readonly options: AgentOptions
  readonly from: RunFrom
  readonly identity: { runId: string; readonly sessionId: string }
  readonly signal: AbortSignal
  readonly ask: Asker['ask']
  readonly expect: Asker['expect']
  readonly steering: Steering
  /** Of a child run. */
  readonly parent?: { readonly ledger: Ledger; readonly agentPath: readonly string[] }
  /** Milliseconds that earlier attempts of the run have taken. */
  readonly elapsedMs?: number
}

/** What was said to the run and not taken yet; closed when nobody will take it any more. */
export interface Steering {
  readonly texts: string[]
  open: boolean
}

/** Opens the session where there is a store, and the sources of tools, and puts the loop together. */
export async function startRun(start: StartOptions): Promise<StartedRun> {
  const { options, from, identity, signal } = start
  const session = await openSession(start)
  let opened: RunTools | undefined
  const close = async (): Promise<void> => {
    try {
      await opened?.close()
    } finally {
      await session?.close()
    }
  }
  try {
    const state = session?.state ?? newState(from.history)
    if (session && from.history?.length) await session.begin(inputEvents(from.history))
    if (!from.input && state.runId) identity.runId = state.runId
    if (!from.input && !state.messages.length)
      throw new ConfigError(
        `Session ${identity.sessionId} holds no message yet: there is nothing to go on with.`,
      )
    const settled = await settle(inMode(options, from.input ? undefined : state.permissionMode))
    const { tools = [], toolSources = [], openWorkspace, workspace: given = noWorkspace } = settled
    const whole = openWorkspace?.(given, { ...identity, signal }) ?? given
    await Promise.all((session?.leftRunning ?? []).map((left) => whole.endProcess(left)))
    const workspace = settled.permissionMode === 'plan' ? planWorkspace(whole) : whole
    opened = await openTools(tools, toolSources, { signal, workspace })
    const said = from.input && { ...from, input: await opened.expand(from.input) }
    const ready = { ...start, options: settled, from: said ?? from }
    const begun = await beforeRun(ready, state.messages)
    const elapsedMs = from.input ? 0 : (session?.elapsedMs ?? 0)
    const equipped = { ...settled, tools: opened.tools, workspace }
    const wired = await wire({ ...begun, elapsedMs, options: equipped }, state)
    let ended: RunResult | undefined
    const told = [...notices(options, session?.tornTo)]
    const { takeNotices } = opened
    return {
      batches: wired.batches,
      record: (batch) => session?.append(batch),
      takeNotices() {
        const news = (settled.hooks?.takeWarnings?.() ?? []).map((each) => warning(each))
        return [...told.splice(0), ...takeNotices(), ...news]
      },
      async close() {
        wired.close()
        try {
          if (ended) await settled.hooks?.afterRun?.(ended)
        } finally {
          await close()
        }
      },
      result: wired.result,
      ended(result) {
        ended = result
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws what reading the policies throws. */
async function settle(options: AgentOptions): Promise<AgentOptions> {
  const { policies } = options
  return typeof policies === 'function' ? { ...options, policies: await policies() } : options
}

/** Asks the hook, and adds what it has to say to the input. Throws what it denies. */
async function beforeRun(start: StartOptions, messages: readonly Message[]): Promise<StartOptions> {
  const { options, from, identity, signal } = start
  const hook = options.hooks?.beforeRun
  if (!hook || !from.input) return start
  const { sessionId } = identity
  const input = from.input.flatMap((event) => (event.type === 'message' ? [event.message] : []))
  const said = await held(() => hook({ sessionId, messages, input, signal }), signal)
  if (!said) return start
  if ('deny' in said) throw new HarnextError(said.deny, { code: 'input_denied' })
  const context = inputEvents(said.context, 'reminder')
  return { ...start, from: { ...from, input: [...from.input, ...context] } }
}

async function openSession({
  options,
  from,
  identity,
}: StartOptions): Promise<Session | undefined> {
  const { store, metadata, workspace = noWorkspace } = options
  if (!store) {
    if (!from.input) throw new SessionNotFound(identity.sessionId, 'an agent without a store')
    return undefined
  }
  const { sessionId: id } = identity
  const createdAt = new Date().toISOString()
  const header = {
    type: 'session',
    version: 1,
    id,
    cwd: workspace.roots[0] ?? '',
    createdAt,
    ...(metadata && { metadata }),
  } as const
  return Session.open(store, id, {
    owner: options.name,
    clock: Date.now,
    ...(from.input && { header }),
  })
}

function notices(
  { notices: given = [] }: AgentOptions,
  tornTo: string | undefined,
): readonly RunEvent[] {
  const told = given.map((message) => warning({ code: 'settings', message }))
  if (tornTo === undefined) return told
  const torn = `The end of the session's log had been cut off by an interrupted write; it was moved to ${tornTo}.`
  return [...told, warning({ code: 'session_torn', message: torn })]
}

function warning({ code, message }: HookWarning): RunEvent {
  return { type: 'warning', code, message }
}
