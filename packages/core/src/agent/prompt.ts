import type { ToolSpec } from '../model/adapter.ts'
import type { RunState } from '../run/state.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { shortHash } from './hash.ts'
import { readInstructions } from './instructions.ts'
import type { AgentOptions } from './options.ts'
import { systemPrompt } from './system-prompt.ts'

/** System prompt and tool list of a run, and the hash of both. */
export interface Prompt {
  readonly hash: string
  readonly system: string
  readonly tools: readonly ToolSpec[]
}

/** A resumed session keeps its prompt unless this call says otherwise, so that the vendor's cache still holds. */
export async function promptOf(options: AgentOptions, state: RunState): Promise<Prompt> {
  const tools: readonly ToolSpec[] = (options.tools ?? [])
    .filter(({ loadable }) => !loadable)
    .map(({ name, description, parameters }) => ({ name, description, parameters }))
  const explicit = options.systemPrompt !== undefined || options.appendSystemPrompt !== undefined
  const system =
    state.prompt && !explicit ? state.prompt.system : await newSystemPrompt(options, tools)
  return { hash: await shortHash(JSON.stringify([system, tools])), system, tools }
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
