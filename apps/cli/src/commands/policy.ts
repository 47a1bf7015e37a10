import {
  createExplainer,
  loadSession,
  normaliseMode,
  toolCalls,
  type Effect,
  type Explainer,
  type Explanation,
  type PermissionCall,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { resolveSettings } from '@harnext/sdk/settings'
import { callOfText } from '../call-of-text.ts'
import type { Io } from '../io.ts'
import { rulesOf } from '../make-agent.ts'
import type { PolicyCommand, PolicyPlace } from '../policy-arguments.ts'
import { toJson } from '../render/json.ts'
import { explanationLines, simulationLines, type SimulatedCall } from '../render/policy.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { folderAt, homeOf, openStore } from '../sessions.ts'

/** Says what the engine would say to a call, or to all calls of past sessions. Runs none of them. */
export async function explainPolicy(
  command: PolicyCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const explainer = await explainerFor(command, io, screen)
  const style = styleFor(io.stdout, io.env)
  try {
    if (command.name === 'policy explain') {
      const call = callOfText(command.call)
      const explanation = await explainer.explain(call)
      const text =
        command.format === 'json'
          ? toJson({ ...call, ...explanation })
          : explanationLines(call, explanation, style).join('\n')
      screen.write([{ to: 'stdout', text: `${text}\n` }])
      return 'failed' in explanation ? 1 : 0
    }
    const calls = await simulate(explainer, command, io)
    const text =
      command.format === 'json' ? toJson(calls) : simulationLines(calls, style).join('\n')
    screen.write([{ to: 'stdout', text: `${text}\n` }])
    return 0
  } finally {
    await explainer.close()
  }
}

async function explainerFor(place: PolicyPlace, io: Io, screen: Screen): Promise<Explainer> {
  const cwd = folderAt(place.cwd ?? '.', io)
  const { permissionMode } = place
  const { agent } = resolveSettings({
    cwd,
    home: homeOf(io),
    env: io.env,
    workspace: localWorkspace({ roots: [cwd], home: io.home }),
    rules: rulesOf(place),
    ...(permissionMode !== undefined && { permissionMode: normaliseMode(permissionMode) }),
  })
  const style = styleFor(io.stderr, io.env)
  for (const notice of agent.notices ?? [])
    screen.write([{ to: 'stderr', text: `${style.yellow(notice)}\n` }])
  return createExplainer({ defaultPermissionMode: 'manual', ...agent })
}

/** The calls of the newest sessions of the folder, oldest first, with the effects that are on record. */
async function simulate(
  explainer: Explainer,
  command: Extract<PolicyCommand, { readonly name: 'policy simulate' }>,
  io: Io,
): Promise<readonly SimulatedCall[]> {
  const store = openStore(io)
  const cwd = folderAt(command.cwd ?? '.', io)
  const sessions = (await store.list({ cwd }))
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, command.sessions)
  const calls: SimulatedCall[] = []
  for (const { id } of sessions.toReversed())
    for (const { call, effects } of callsOf((await loadSession(store, id)).events)) {
      const explanation = await explainer
        .explain(call, effects)
        .catch((error: unknown): Explanation => ({ failed: String(error) }))
      calls.push({ session: id, call, explanation })
    }
  return calls
}

interface RecordedCall {
  readonly call: PermissionCall
  /** Absent: it was never looked at, or denied at once. */
  effects?: readonly Effect[]
}

function callsOf(
  events: Awaited<ReturnType<typeof loadSession>>['events'],
): readonly RecordedCall[] {
  const calls: RecordedCall[] = []
  // Vendors use an id again in a later turn: the newest is meant.
  const byId = new Map<string, RecordedCall>()
  for (const event of events) {
    if (event.type === 'message' && event.message.role === 'assistant') {
      for (const { id, tool, args, invalid } of toolCalls(event.message)) {
        const recorded: RecordedCall = { call: { tool, args } }
        if (invalid === undefined) calls.push(recorded)
        byId.set(id, recorded)
      }
    } else if (event.type === 'tool_start' || event.type === 'permission_request') {
      const recorded = byId.get(event.id)
      if (recorded) recorded.effects ??= event.effects
    }
  }
  return calls
}
