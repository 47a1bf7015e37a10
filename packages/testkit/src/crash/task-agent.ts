import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, tool, type ProviderAdapter, type SessionStore, type Tool } from '@harnext/core'
import { ProviderError, toolCalls, type AssistantPart, type Message } from '@harnext/core/provider'
import { taskTurn } from './task.ts'

/** What an agent under test is made of. */
export interface CrashAgentParts {
  /** Plays the task. */
  readonly adapter: ProviderAdapter
  readonly store: SessionStore
  /** Count what they do. */
  readonly tools: readonly Tool[]
  /** Of this session alone. */
  readonly folder: string
}

/** The plainest agent; another one has hooks, middleware, tools of its own besides. */
export function plainAgent({ adapter, store, tools }: CrashAgentParts): Agent {
  return new Agent({
    name: 'crash',
    adapter,
    model: 'task',
    store,
    tools,
    permissionMode: 'bypass',
    instructions: false,
  })
}

/** The model of the task. It finds fault with a history that has a call without its result. */
export function taskAdapter(): ProviderAdapter {
  return {
    id: 'crash',
    api: 'crash.task',
    async *stream({ messages }) {
      const complaint = openCall(messages)
      if (complaint !== null) throw new ProviderError(complaint, { kind: 'invalid_request' })
      const asked = messages.filter((one) => one.role === 'assistant' && toolCalls(one).length > 0)
      const { text, calls } = taskTurn(asked.length)
      const parts: AssistantPart[] = [
        { type: 'text', text },
        ...calls.map(({ id, kind }) => ({ type: 'tool_call', id, tool: kind, args: {} }) as const),
      ]
      yield { type: 'text', text, index: 0 }
      for (const part of parts) yield { type: 'part', part: Object.freeze(part) }
      yield { type: 'finish', stopReason: calls.length ? 'tool_calls' : 'stop', usage: null }
    },
  }
}

function openCall(messages: readonly Message[]): string | null {
  let waiting: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      if (message.id !== waiting.shift()) return `the result of ${message.id} stands out of place`
      continue
    }
    if (waiting.length) return `the call ${waiting[0]} has no result`
    if (message.role === 'assistant') waiting = toolCalls(message).map(({ id }) => id)
  }
  return waiting.length ? `the call ${waiting[0]} has no result` : null
}

/** Each appends the id of its call to the file when it takes effect. */
export function taskTools(effects: string): readonly Tool[] {
  const make = (name: string, recovery: Pick<Parameters<typeof tool>[0], 'recovery'>): Tool =>
    tool({
      name,
      description: name,
      parameters: { type: 'object' },
      effects: () => [],
      ...recovery,
      async execute(_, { callId }) {
        await delay(2)
        appendFileSync(effects, `${callId}\n`)
        await delay(2)
        return `${callId} is done`
      },
    })
  return [
    make('effect', { recovery: 'report' }),
    make('look', { recovery: 'rerun' }),
    make('settle', {
      recovery: (_, { callId }) =>
        effectsIn(effects).includes(callId)
          ? { output: `${callId} was done`, isError: false }
          : 'rerun',
    }),
  ]
}

/** The ids of the calls that took effect, as often as they did. */
export function effectsIn(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}
