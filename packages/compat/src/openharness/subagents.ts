import {
  HarnextError,
  zeroUsage,
  addUsage,
  totalTokens,
  userMessage,
  type AgentCatalog,
  type AgentDefinition,
  type Agents,
  type Awaitable,
  type Message,
  type RunEvent,
  type RunResult,
  type Usage,
} from '@harnext/core'
import { createDottedEventsProjector } from '@harnext/protocols/dotted-events'
import type { Agent, SubagentEventFn } from './agent.ts'

/** Subagents that are looked up when they are needed. */
export interface SubagentCatalog {
  list(): Awaitable<readonly { readonly name: string; readonly description?: string }[]>
  resolve(name: string): Awaitable<Agent | null | undefined>
}

export function toAgents(
  subagents: readonly Agent[] | SubagentCatalog,
  definitionOf: (agent: Agent) => AgentDefinition,
): Agents {
  if (!('resolve' in subagents)) return subagents.map(definitionOf)
  const catalog: AgentCatalog = {
    async list() {
      const listed = await subagents.list()
      return listed.map(({ name, description }) => ({ name, description: description || name }))
    },
    async resolve(name) {
      const agent = await subagents.resolve(name)
      return agent && definitionOf(agent)
    },
  }
  return catalog
}

interface Child {
  readonly names: readonly string[]
  readonly projector: ReturnType<typeof createDottedEventsProjector>
  readonly messages: Message[]
  usage: Usage
}

/** Tells what subagents do, as events of their own, with the names of the agents from the first to the one that speaks. */
export class SubagentReporter {
  readonly #report: SubagentEventFn
  readonly #children = new Map<string, Child>()

  constructor(report: SubagentEventFn) {
    this.#report = report
  }

  take(event: RunEvent): void {
    const { agentPath = [] } = event
    if (event.type === 'subagent_start') this.#begin([...agentPath, event.id], event)
    if (agentPath.length) this.#say(agentPath, event)
    if (event.type === 'subagent_end') this.#end([...agentPath, event.id], event)
  }

  #begin(
    path: readonly string[],
    { agent, task }: Extract<RunEvent, { type: 'subagent_start' }>,
  ): void {
    const parent = this.#children.get(key(path.slice(0, -1)))
    this.#children.set(key(path), {
      names: [...(parent?.names ?? []), agent],
      projector: createDottedEventsProjector({ agentPath: path }),
      messages: [userMessage(task)],
      usage: zeroUsage,
    })
  }

  #say(path: readonly string[], event: RunEvent): void {
    const child = this.#children.get(key(path))
    if (!child) return
    if (event.type === 'usage') child.usage = addUsage(child.usage, event)
    if (event.type === 'message') child.messages.push(event.message)
    if (event.type === 'tool_result') {
      const { id, tool, status, content } = event
      child.messages.push({ role: 'tool', id, tool, status, content })
    }
    for (const said of child.projector.push(event)) this.#report(child.names, said)
  }

  #end(path: readonly string[], { result }: Extract<RunEvent, { type: 'subagent_end' }>): void {
    const { text, stopReason, turns, toolCalls, error } = result
    const child = this.#children.get(key(path))
    if (!child) return
    const { messages, usage } = child
    const whole: RunResult<unknown> = {
      text,
      output: null,
      steps: [],
      filesChanged: [],
      filesChangedComplete: true,
      usage: { ...usage, totalTokens: totalTokens(usage) },
      sessionId: '',
      runId: '',
      turns,
      toolCalls,
      stopReason,
      success: stopReason === 'complete',
      cancelled: stopReason === 'cancelled',
      ...(error && { error: new HarnextError(error.message, { code: error.code }) }),
      messages,
      durationMs: 0,
    }
    this.#say(path, { type: 'run_end', agentPath: path, result: whole })
  }
}

function key(path: readonly string[]): string {
  return JSON.stringify(path)
}
