import { readResultTool } from '../context/read-result.ts'
import type { RunEvent } from '../events.ts'
import type { ToolSpec } from '../model/adapter.ts'
import type { RunState } from '../run/run-state.ts'
import { toWireName } from '../tool/names.ts'
import type { Tool } from '../tool/tool.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { shortHash } from './hash.ts'
import { readInstructions } from './instructions.ts'
import type { AgentOptions } from './options.ts'
import { beginning, systemPrompt } from './system-prompt.ts'

/** System prompt and tool list of a run, and the hash of both. */
export type Prompt = Extract<RunEvent, { type: 'prompt' }>

/**
 * A session keeps its prompt, date and instructions included, so that the vendor's cache still holds; only other texts of `systemPrompt`
 * or `appendSystemPrompt` than those that it was made of give a new one.
 */
export async function promptOf(options: AgentOptions, state: RunState): Promise<Prompt> {
  const given = options.tools ?? []
  const shown = given.filter(({ loadable }) => !loadable)
  const present = [...shown, ...loadedTools([...given, readResultTool(state)], state)].map(toSpec)
  const tools = inRecordedOrder(present, state)
  const system =
    state.prompt && isMadeOf(state.prompt.system, options)
      ? state.prompt.system
      : await newSystemPrompt(options, tools)
  return promptEvent(system, tools)
}

/** Tools that come in another order are no reason for another prompt; new ones join at the end. */
function inRecordedOrder(tools: readonly ToolSpec[], { prompt }: RunState): readonly ToolSpec[] {
  if (!prompt) return tools
  const names = prompt.tools.map(({ name }) => name)
  const known = names.flatMap((name) => tools.find((tool) => tool.name === name) ?? [])
  return [...known, ...tools.filter(({ name }) => !names.includes(name))]
}

export async function promptEvent(system: string, tools: readonly ToolSpec[]): Promise<Prompt> {
  return { type: 'prompt', hash: await shortHash(JSON.stringify([system, tools])), system, tools }
}

/** A tool as the model gets it. */
export function toSpec({ name, description, parameters }: Tool): ToolSpec {
  return { name: toWireName(name), description, parameters }
}

/** The hidden tools that a recorded prompt holds: they were loaded. */
function loadedTools(tools: readonly Tool[], { prompt }: RunState): readonly Tool[] {
  const names = prompt?.tools.map(({ name }) => name) ?? []
  return names.flatMap(
    (wired) =>
      tools.find(({ loadable, name }) => loadable === true && toWireName(name) === wired) ?? [],
  )
}

function isMadeOf(
  system: string,
  { systemPrompt: text, appendSystemPrompt: end = '' }: AgentOptions,
): boolean {
  return (
    (text === undefined || system.startsWith(beginning(text))) &&
    (end === '' || system.endsWith(`\n\n${end}`))
  )
}

async function newSystemPrompt(options: AgentOptions, tools: readonly ToolSpec[]): Promise<string> {
  const { workspace = noWorkspace } = options
  const [cwd] = workspace.roots
  return systemPrompt({
    ...(cwd !== undefined && { cwd }),
    platform: workspace.platform,
    date: new Date().toISOString().slice(0, 10),
    tools: tools.map(({ name }) => name),
    instructions: options.instructions === false ? [] : await readInstructions(workspace),
    ...(options.systemPrompt !== undefined && { systemPrompt: options.systemPrompt }),
    ...(options.appendSystemPrompt !== undefined && { append: options.appendSystemPrompt }),
  })
}
