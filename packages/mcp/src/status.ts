import { visible } from '@harnext/core'
import type { Connection } from './connection.ts'
import { isStdio, type McpMode } from './server-config.ts'
import type { McpServer } from './server.ts'

/** A server and what became of it. */
export interface McpServerStatus {
  readonly name: string
  readonly state: 'connected' | 'failed' | 'disabled'
  readonly transport: 'stdio' | 'http' | 'sse'
  readonly mode: McpMode
  readonly required: boolean
  readonly tools: number
  /** What it calls itself, and the revision of the protocol that it speaks. */
  readonly title?: string
  readonly version?: string
  readonly protocol?: string
  readonly error?: string
}

/** Of a server that was not reached. */
export function asConfigured({ name, config }: McpServer): McpServerStatus {
  const { mode = 'direct', required = false, disabled = false } = config
  const transport = isStdio(config) ? 'stdio' : config.type === 'sse' ? 'sse' : 'http'
  return { name, state: disabled ? 'disabled' : 'failed', transport, mode, required, tools: 0 }
}

/** What a server that was reached says of itself. */
export function whatItIs({
  client,
  transport,
}: Connection): Pick<McpServerStatus, 'state' | 'transport' | 'title' | 'version' | 'protocol'> {
  const itself = client.getServerVersion()
  const protocol = client.getNegotiatedProtocolVersion()
  return {
    state: 'connected',
    transport,
    ...(itself && {
      title: visible(itself.title ?? itself.name),
      version: visible(itself.version),
    }),
    ...(protocol !== undefined && { protocol }),
  }
}
