import { createAnswerReader, type AnswerReader } from '../answer.ts'
import { pathKey } from '../projector.ts'
import type { StreamJsonInit } from './message.ts'
import type { StreamJsonOptions } from './options.ts'

/** What the lines of one run have in common. Changed by the projector alone. */
export interface RunLines {
  readonly options: StreamJsonOptions
  sessionId: string
  runId: string
  model: string
  /** Of the last prompt: a run that goes on with it does not tell it again. */
  tools: StreamJsonInit['tools']
  /** The start was seen; the tools follow at once, if they do. */
  initOwed: boolean
  lines: number
  /** Requests that were printed and are not settled. */
  readonly requests: Set<string>
  readonly agents: Map<string, AgentLines>
  /** By the path of a subagent, the call that began it. */
  readonly calls: Map<string, string>
}

/** The run itself, or one of its subagents. */
export interface AgentLines {
  readonly run: RunLines
  readonly path: readonly string[]
  readonly answer: AnswerReader
  turn: number
  /** The tools of the calls that run, by their ids. */
  readonly calls: Map<string, string>
}

export function newRunLines(options: StreamJsonOptions): RunLines {
  return {
    options,
    sessionId: '',
    runId: '',
    model: '',
    tools: [],
    initOwed: false,
    lines: 0,
    requests: new Set(),
    agents: new Map(),
    calls: new Map(),
  }
}

export function agentLines(run: RunLines, path: readonly string[] = []): AgentLines {
  const key = pathKey(path)
  const known = run.agents.get(key)
  if (known) return known
  const agent = { run, path, answer: createAnswerReader(), turn: 0, calls: new Map() }
  run.agents.set(key, agent)
  return agent
}

/** What every line but those of control has. */
export function stamp(run: RunLines): { readonly session_id: string; readonly uuid: string } {
  run.lines += 1
  const uuid = run.options.uuid?.() ?? `${run.runId}-${run.lines}`
  return { session_id: run.sessionId, uuid }
}

export function agentStamp({ run, path }: AgentLines): ReturnType<typeof stamp> & {
  readonly parent_tool_use_id: string | null
} {
  const parent = path.length ? (run.calls.get(pathKey(path)) ?? null) : null
  return { parent_tool_use_id: parent, ...stamp(run) }
}
