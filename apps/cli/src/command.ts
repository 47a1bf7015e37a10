import type { SandboxSettings } from '@harnext/core'
import type { PipelineCommand } from './pipeline-arguments.ts'
import type { PolicyCommand } from './policy-arguments.ts'

/** What the command line asks for. */
export type Command =
  | { readonly name: 'run'; readonly settings: RunSettings }
  | {
      readonly name: 'sessions list'
      readonly format: Format
      readonly all: boolean
      readonly cwd?: string
    }
  | {
      readonly name: 'sessions show'
      readonly format: Format
      readonly id: string
      readonly all: boolean
    }
  | { readonly name: 'audit verify'; readonly format: Format; readonly what: string }
  | { readonly name: 'providers'; readonly format: Format }
  | { readonly name: 'doctor'; readonly format: Format; readonly isOnline: boolean }
  | { readonly name: 'skills list'; readonly format: Format; readonly cwd?: string }
  | ({ readonly name: 'mcp list' } & McpPlace)
  | ({ readonly name: 'mcp tools'; readonly server: string } & McpPlace)
  | McpLoginCommand
  | McpLogoutCommand
  | UndoCommand
  | { readonly name: 'demo' }
  | PipelineCommand
  | PolicyCommand
  | { readonly name: 'help'; readonly topic: HelpTopic }
  | { readonly name: 'version' }

export type HelpTopic = 'harnext' | 'sessions' | 'mcp' | 'undo' | 'setup' | 'runner' | 'policy'

export interface UndoCommand {
  readonly name: 'undo'
  readonly format: Format
  /** Of a run, or of an undoing; absent: the last run that is not undone. */
  readonly run?: string
  readonly session?: string
  readonly cwd?: string
  readonly isList: boolean
  readonly isDryRun: boolean
  readonly skipEdited: boolean
}

export interface McpLoginCommand extends McpPlace {
  readonly name: 'mcp login'
  readonly server: string
  /** Of a client that is registered at the server already; before that of its configuration. */
  readonly clientId?: string
  /** The address is shown, and nothing is started. */
  readonly noBrowser: boolean
}

/** Forgets what `mcp login` has kept. */
export interface McpLogoutCommand extends McpPlace {
  readonly name: 'mcp logout'
  readonly server: string
}

/** Whose MCP servers are meant: those of a folder, and of files. */
export interface McpPlace {
  readonly format: Format
  readonly cwd?: string
  readonly mcpConfigs: readonly string[]
}

export type Format = 'text' | 'json'
export type RunFormat = Format | 'stream-json'

export interface RunSettings {
  /** Absent: no argument gives one. */
  readonly prompt?: string
  readonly print: boolean
  readonly model?: string
  readonly permissionMode?: string
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly maxTurns?: number
  readonly maxCostUsd?: number
  readonly maxTokens?: number
  readonly maxDurationMs?: number
  /** Command lines that must succeed when the model is done. */
  readonly checks: readonly string[]
  readonly audit: boolean
  readonly sandbox?: SandboxSettings
  /** Further folders to work in. */
  readonly addDirs: readonly string[]
  readonly cwd?: string
  readonly session: SessionChoice
  readonly systemPrompt?: string
  readonly appendSystemPrompt?: string
  readonly format: RunFormat
  /** Of `stream-json`: answers while they stream. */
  readonly isPartial: boolean
  /** Standard input holds messages and answers, one a line, while the run is under way. */
  readonly isDriven: boolean
  /** A JSON Schema, or the path of a file that holds one. */
  readonly outputSchema?: string
  /** Files that hold MCP servers. */
  readonly mcpConfigs: readonly string[]
  /** Cassettes. */
  readonly record?: string
  readonly replay?: string
  /** The path of a file that the summary is added to. */
  readonly summary?: string
}

/** The session that a run belongs to. `newest`: of the working directory. */
export type SessionChoice =
  | { readonly kind: 'new' }
  | { readonly kind: 'newest' }
  | { readonly kind: 'id'; readonly id: string }
