import type { PermissionModeName } from '@harnext/core'
import type { StreamJsonInit } from './message.ts'

export interface StreamJsonOptions {
  /** `stream_event` lines while an answer streams. @default false */
  readonly includePartialMessages?: boolean
  /** `control_request` lines for calls that need an answer: only where somebody reads and answers them. @default false */
  readonly permissionRequests?: boolean
  /** What the person said is printed too, with `isReplay`. @default false */
  readonly replayUserMessages?: boolean
  /** Printed in `init`, as the five that follow. */
  readonly cwd?: string
  readonly permissionMode?: PermissionModeName
  readonly mcpServers?: StreamJsonInit['mcp_servers']
  readonly slashCommands?: readonly string[]
  readonly agents?: readonly string[]
  readonly skills?: readonly string[]
  /** Printed with each retry. @default 3 */
  readonly maxRetries?: number
  /** An id for each line. @default the id of the run and a number, the same each time */
  readonly uuid?: () => string
}
