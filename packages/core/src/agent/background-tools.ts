import { ToolError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { ToolResult, tool, type Tool } from '../tool/tool.ts'
import { AWAIT_MODES, type AwaitMode } from './background-options.ts'
import type { Background, BackgroundChild } from './background.ts'
import { openTag, taskResultText } from './task-text.ts'

/** The tools that look after children in the background: `agent_status`, `agent_cancel`, `agent_await`, those that are offered. */
export function backgroundTools(background: Background): readonly Tool[] {
  const { offers } = background
  return [
    ...(offers.status ? [statusTool(background)] : []),
    ...(offers.cancel ? [cancelTool(background)] : []),
    ...(offers.await.length ? [awaitTool(background, offers.await)] : []),
  ]
}

function find({ children }: Background, id: string): BackgroundChild {
  const child = children.get(id)
  if (child) return child
  throw new ToolError(
    'task',
    `There is no background agent ${JSON.stringify(id)}. There are: ${[...children.keys()].join(', ') || 'none'}.`,
  )
}

function statusTool(background: Background): Tool {
  return tool<{ id?: string }>({
    name: 'agent_status',
    description: 'Says how agents in the background are getting on: one, or all of them.',
    parameters: idSchema([]),
    effects: () => [],
    recovery: 'rerun',
    execute({ id }) {
      const all = [...background.children.values()]
      const texts = (id === undefined ? all : [find(background, id)]).map(statusText)
      return texts.join('\n') || 'There are no agents in the background.'
    },
  })
}

function cancelTool(background: Background): Tool {
  return tool<{ id: string }>({
    name: 'agent_cancel',
    description: 'Ends an agent in the background.',
    parameters: idSchema(['id']),
    effects: () => [],
    recovery: 'rerun',
    async execute({ id }) {
      const child = find(background, id)
      child.cancel()
      child.told = true
      return taskResultText(await child.result, id)
    },
  })
}

const meanings: { readonly [Mode in AwaitMode]: string } = {
  all: 'until all have succeeded or one has failed',
  allSettled: 'until all have ended',
  any: 'until one has succeeded',
  race: 'until one has ended',
}

function awaitTool(background: Background, offered: readonly AwaitMode[]): Tool {
  const modes = AWAIT_MODES.filter((mode) => offered.includes(mode))
  const [first = 'all'] = offered
  const usual = offered.includes('all') ? 'all' : first
  const explained = modes.map(
    (mode) => `${mode}${mode === usual ? ' (default)' : ''}: ${meanings[mode]}`,
  )
  return tool<{ ids: readonly string[]; mode?: AwaitMode }>({
    name: 'agent_await',
    description: `Waits for agents in the background. ${explained.join('; ')}.`,
    parameters: {
      type: 'object',
      properties: {
        ids: { type: 'array', items: { type: 'string' }, minItems: 1 },
        mode: { type: 'string', enum: modes },
      },
      required: ['ids'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    async execute({ ids, mode = usual }) {
      const ended = await awaitChildren(
        ids.map((id) => find(background, id)),
        mode,
      )
      for (const { child } of ended) child.told = true
      const texts = ended.map(({ child, result }) => taskResultText(result, child.id))
      const text = `${openTag('await_result', { mode })}\n${texts.join('\n')}\n</await_result>`
      const succeeded = ended.filter(({ result }) => result.stopReason === 'complete').length
      const isError = mode === 'all' ? succeeded < ids.length : mode !== 'allSettled' && !succeeded
      return isError ? ToolResult.error(text) : text
    },
  })
}

type Ended = {
  readonly child: BackgroundChild
  readonly result: Awaited<BackgroundChild['result']>
}

/** Those that had ended when the wait was over, in the order of `children`. */
async function awaitChildren(
  children: readonly BackgroundChild[],
  mode: AwaitMode,
): Promise<readonly Ended[]> {
  const ended = new Map<BackgroundChild, Ended>()
  const results = children.map(async (child) => {
    const result = await child.result
    ended.set(child, { child, result })
    return result.stopReason === 'complete' ? result : Promise.reject(new Error(result.stopReason))
  })
  const waits = {
    all: () => Promise.all(results),
    allSettled: () => Promise.allSettled(results),
    any: () => Promise.any(results),
    race: () => Promise.race(results),
  }
  // How each one ended is in its result.
  for (const result of results) result.catch(() => {})
  await waits[mode]().catch(() => {})
  return children.flatMap((child) => ended.get(child) ?? [])
}

function statusText({ id, agent, status }: BackgroundChild): string {
  return openTag('agent_status', { id, agent, status }, true)
}

function idSchema(required: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: { id: { type: 'string', description: 'As the call of task returned it.' } },
    required,
    additionalProperties: false,
  }
}
