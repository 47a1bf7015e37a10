import type { ToolSpec } from '../model/adapter.ts'
import type { RunState } from '../run/state.ts'
import { toWireName } from '../tool/names.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { shortHash } from './hash.ts'
import { readInstructions } from './instructions.ts'
import type { AgentOptions } from './options.ts'
import { beginning, systemPrompt } from './system-prompt.ts'

/** System prompt and tool list of a run, and the hash of both. */
export interface Prompt {
  readonly hash: string
  readonly system: string
  readonly tools: readonly ToolSpec[]
}

/**
 * A session keeps its prompt, date and instructions included, so that the vendor's cache still holds; only other texts of `systemPrompt`
 * or `appendSystemPrompt` than those that it was made of give a new one.
 */
export async function promptOf(options: AgentOptions, state: RunState): Promise<Prompt> {
  const tools: readonly ToolSpec[] = (options.tools ?? [])
    .filter(({ loadable }) => !loadable)
    .map(({ name, description, parameters }) => ({
      name: toWireName(name),
      description,
      parameters,
    }))
  const system =
    state.prompt && isMadeOf(state.prompt.system, options)
      ? state.prompt.system
      : await newSystemPrompt(options, tools)
  return { hash: await shortHash(JSON.stringify([system, tools])), system, tools }
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
