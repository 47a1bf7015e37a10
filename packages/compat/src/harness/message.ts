import { isJsonObject, type Json } from '@harnext/core'
import type { HarnessMessage, Result as ProtocolResult } from '@harnext/protocols/messages'

/** What the run came to: the sums of all its turns, with its subagents. Last, once. */
export interface Result extends Omit<ProtocolResult, 'totalCost'> {
  /** US dollars; `NaN` where a price is not known, never 0 for that reason. */
  readonly totalCost: number
  readonly costKnown: boolean
}

export type Message = Exclude<HarnessMessage, { readonly kind: 'result' }> | Result

/** A message as Harness has it: tools by its names, and a cost that is a number. */
export function toMessage(message: HarnessMessage): Message {
  if (message.kind === 'tool_use') {
    const { name, args } = message
    return { ...message, name: toHarnessName(name), args: toHarnessArgs(name, args) }
  }
  if (message.kind !== 'result') return message
  const { totalCost } = message
  return { ...message, totalCost: totalCost ?? NaN, costKnown: totalCost !== null }
}

const names: { readonly [tool: string]: string } = {
  read: 'Read',
  write: 'Write',
  edit: 'Edit',
  bash: 'Bash',
  glob: 'Glob',
  grep: 'Grep',
  task: 'Task',
  web_fetch: 'WebFetch',
  ask_user: 'AskUser',
  checkpoint: 'Checkpoint',
}

export function toHarnessName(tool: string): string {
  return names[tool] ?? tool
}

const fileTools: ReadonlySet<string> = new Set(['read', 'write', 'edit'])

/** The file of a call is its `file_path`. */
export function toHarnessArgs(tool: string, args: Json): Json {
  if (!fileTools.has(tool) || !isJsonObject(args) || !('path' in args)) return args
  const { path, ...rest } = args
  return { file_path: path, ...rest }
}
