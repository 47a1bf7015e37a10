import type { UserPart } from '../messages.ts'
import type { Tool } from './tool.ts'
import type { Workspace } from './workspace.ts'

/** Tools that are fetched when a run begins, as those of MCP servers are. */
export interface ToolSource {
  /**
   * Fetches them for one run. What it throws ends the run before its first model call; so does a name that another tool of the run has.
   * `signal` aborts when the run is cancelled meanwhile.
   */
  open(context: ToolSourceContext): Promise<OpenTools>
}

export interface ToolSourceContext {
  readonly signal: AbortSignal
  readonly workspace: Workspace
}

export interface ToolSourceWarning {
  readonly code: string
  readonly message: string
}

export interface OpenTools {
  readonly tools: readonly Tool[]
  /** What the reader of the run is to be told. */
  readonly warnings?: readonly ToolSourceWarning[]
  /** What it is to be told since. Called after each batch of the run. */
  takeWarnings?(): readonly ToolSourceWarning[]
  /**
   * What a text of the person stands for where it is a command of this source, as `/mcp__server__prompt` is; else `undefined`. What it
   * throws ends the run before its first model call.
   */
  expand?(text: string): Promise<readonly UserPart[] | undefined>
  /** The run is over. Called once. */
  close(): Promise<void>
}
