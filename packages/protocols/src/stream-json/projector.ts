import { toWireName, type PermissionModeName, type ToolSpec, type UserMessage } from '@harnext/core'
import { answerHandlers } from '../answer.ts'
import { handle, pathKey, type EventOf, type Handlers, type Projector } from '../projector.ts'
import {
  agentLines,
  agentStamp,
  newRunLines,
  stamp,
  type AgentLines,
  type RunLines,
} from './agent-lines.ts'
import { answerLines, stepLines } from './answer-lines.ts'
import { toContent, toToolResult } from './content.ts'
import type { StreamJsonInit, StreamJsonMessage } from './message.ts'
import { notices } from './notice.ts'
import type { StreamJsonOptions } from './options.ts'
import { toStreamJsonResult } from './result.ts'

/** Events of subagents become lines too. `toStreamJsonLine` makes the bytes. */
export function createStreamJsonProjector(
  options: StreamJsonOptions = {},
): Projector<StreamJsonMessage> {
  const run = newRunLines(options)
  return {
    push(event) {
      const owed = event.type === 'prompt' ? [] : initLine(run)
      return [...owed, ...handle(agentLines(run, event.agentPath), handlers, event)]
    },
    end: () => [...initLine(run), ...cutLines(run)],
  }
}

/** The model's request is in its answer, an error in the result; the rest is for the log. */
type LeftOut = 'tool_call' | 'usage' | 'error' | 'process' | 'cache_break'

const handlers: Handlers<AgentLines, StreamJsonMessage, LeftOut> = {
  ...answerHandlers(answerLines),
  run_start: beginRun,
  run_resumed: beginRun,
  prompt({ run, path }, { tools }) {
    if (path.length) return []
    run.tools = tools.map(({ name }: ToolSpec) => toWireName(name))
    return initLine(run)
  },
  turn_start(agent, event) {
    const owed = answerLines(agent, event)
    agent.turn = event.turn
    return owed
  },
  message(agent, event) {
    const { message } = event
    if (message.role === 'assistant') return answerLines(agent, event)
    return agent.run.options.replayUserMessages ? replay(agent, message) : []
  },
  permission_request: requestPermission,
  permission_decision: ({ run }, { id, by }) =>
    by === 'user' ? answered(run, id) : cancelRequest(run, id),
  tool_start({ calls }, { id, tool }) {
    calls.set(id, tool)
    return []
  },
  tool_progress(agent, { id, update }) {
    const tool_name = toWireName(agent.calls.get(id) ?? '')
    return [{ type: 'tool_progress', tool_use_id: id, tool_name, update, ...agentStamp(agent) }]
  },
  tool_result: toolResult,
  compaction: ({ run }, event) => [notices.compaction(run, event)],
  warning: ({ run }, event) => [notices.warning(run, event)],
  budget_warning: ({ run }, event) => [notices.budget_warning(run, event)],
  budget_exceeded: ({ run }, event) => [notices.budget_exceeded(run, event)],
  verification: ({ run }, event) => [notices.verification(run, event)],
  retry: (agent, event) => [...answerLines(agent, event), notices.retry(agent.run, event)],
  fallback: (agent, event) => [...answerLines(agent, event), notices.fallback(agent.run, event)],
  subagent_start({ run, path }, event) {
    run.calls.set(pathKey([...path, event.id]), event.call)
    return [notices.subagent_start(run, event)]
  },
  subagent_end({ run, path }, event) {
    const child = agentLines(run, [...path, event.id])
    const owed = stepLines(child, child.answer.cut())
    run.agents.delete(pathKey(child.path))
    return [...owed, notices.subagent_end(run, event)]
  },
  run_end({ run }, { result }) {
    const owed = cutLines(run)
    return [...owed, toStreamJsonResult(result, stamp(run).uuid)]
  },
}

function beginRun(
  agent: AgentLines,
  event: EventOf<'run_start' | 'run_resumed'>,
): readonly StreamJsonMessage[] {
  const owed = answerLines(agent, event)
  if (agent.path.length) return owed
  const { sessionId, runId, model } = event
  Object.assign(agent.run, { sessionId, runId, model, initOwed: true, lines: 0 })
  return owed
}

function initLine(run: RunLines): readonly StreamJsonInit[] {
  if (!run.initOwed) return []
  run.initOwed = false
  const { cwd, permissionMode, mcpServers, slashCommands, agents, skills } = run.options
  return [
    {
      type: 'system',
      subtype: 'init',
      ...(cwd !== undefined && { cwd }),
      model: run.model,
      ...(permissionMode && { permissionMode: modeNames[permissionMode] }),
      tools: run.tools,
      mcp_servers: mcpServers ?? [],
      slash_commands: slashCommands ?? [],
      agents: agents ?? [],
      skills: skills ?? [],
      ...stamp(run),
    },
  ]
}

const modeNames: { readonly [Mode in PermissionModeName]: string } = {
  plan: 'plan',
  manual: 'default',
  default: 'default',
  accept_edits: 'acceptEdits',
  acceptEdits: 'acceptEdits',
  auto: 'auto',
  bypass: 'bypassPermissions',
  yolo: 'bypassPermissions',
  bypassPermissions: 'bypassPermissions',
}

/** Reminders and summaries are for the model, not for the reader. */
function replay(
  agent: AgentLines,
  { content, origin = 'user' }: UserMessage,
): readonly StreamJsonMessage[] {
  if (origin !== 'user' && origin !== 'steer') return []
  const message = { role: 'user', content: content.map(toContent) } as const
  return [{ type: 'user', message, ...agentStamp(agent), isReplay: true }]
}

function toolResult(
  agent: AgentLines,
  event: EventOf<'tool_result'>,
): readonly StreamJsonMessage[] {
  const { id, status, reason, changes, durationMs } = event
  agent.calls.delete(id)
  return [
    ...cancelRequest(agent.run, id),
    {
      type: 'user',
      message: { role: 'user', content: [toToolResult(event)] },
      tool_use_result: {
        status,
        ...(reason && { reason }),
        ...(changes && { changes }),
        duration_ms: Math.round(durationMs),
      },
      ...agentStamp(agent),
    },
  ]
}

function requestPermission(
  { run, path }: AgentLines,
  { id, tool, args, reason }: EventOf<'permission_request'>,
): readonly StreamJsonMessage[] {
  if (!run.options.permissionRequests) return []
  run.requests.add(id)
  const agent = path.at(-1)
  return [
    {
      type: 'control_request',
      request_id: id,
      request: {
        subtype: 'can_use_tool',
        tool_name: toWireName(tool),
        input: args,
        tool_use_id: id,
        decision_reason: reason,
        ...(agent !== undefined && { agent_id: agent }),
      },
    },
  ]
}

function answered({ requests }: RunLines, id: string): readonly StreamJsonMessage[] {
  requests.delete(id)
  return []
}

function cancelRequest({ requests }: RunLines, id: string): readonly StreamJsonMessage[] {
  return requests.delete(id) ? [{ type: 'control_cancel_request', request_id: id }] : []
}

/** What is open when nothing more comes. */
function cutLines(run: RunLines): readonly StreamJsonMessage[] {
  const answers = [...run.agents.values()].flatMap((agent) => stepLines(agent, agent.answer.cut()))
  const requests = [...run.requests].flatMap((id) => cancelRequest(run, id))
  return [...answers, ...requests]
}
