import type {
  AgentCatalog,
  AgentDefinition,
  FilePart,
  ImagePart,
  Message,
  RunOptions,
  Tool,
} from '@harnext/core'
import type { McpServerConfigs, OnElicitation } from '@harnext/mcp'
import type { AskUserOptions } from '@harnext/tools'
import type { Skill } from '@harnext/tools/skills'
import type { CancelToken } from './cancel-token.ts'
import type { Session } from './session.ts'

/** What a client takes; every call overrides it. Without a provider, the first one whose key is in the environment is taken. */
export interface HarnextOptions extends Omit<
  RunOptions,
  'tools' | 'session' | 'signal' | 'skills' | 'agents' | 'mcpServers'
> {
  /**
   * Names of built-in tools, and tools of your own. `apply_patch` and `memory`, notes that the next sessions in this folder find, are there
   * by name alone. @default all others that are built in
   */
  readonly tools?: readonly (string | Tool)[]
  /**
   * MCP servers, by name, beside those of `.mcp.json` and the settings' files. They start with the first run and end with `close()`; those
   * of one call end with its run. A run fails without one of these, unless it says `required: false`.
   */
  readonly mcpServers?: McpServerConfigs
  /**
   * Skills beside those of harnext, the person and the project: made with `skill()`, or folders that are one or hold some. With `tools` the
   * model can load skills when these are given, or when `skill` is among the names. `false`: none at all.
   */
  readonly skills?: readonly (string | Skill)[] | false
  /**
   * Subagents beside those that are built in (`general`, `explore`, `plan`, `review`), the person's and the project's: definitions, whose
   * `model` may be `provider/model`, files, or folders of files. A catalog takes the place of all of them. `false`: none at all.
   */
  readonly agents?: readonly (string | AgentDefinition)[] | AgentCatalog | false
  /**
   * Asks the person a question of the model: `null` when nobody is there. Rejects when the signal aborts. Without it there is no tool
   * `ask_user`.
   */
  readonly onQuestion?: AskUserOptions['ask']
  /**
   * Answers what an MCP server wants to know from the person while a call of it runs. Never asked for a secret. Without it servers cannot
   * ask.
   */
  readonly onElicitation?: OnElicitation
  /** Go on with this session. @default a new one for each run */
  readonly session?: string | Session
  /**
   * Whether `harnext.config.json` of the working directory may do more than deny and ask. @default only when the folder is listed in
   * `trusted.json` of harnext's home
   */
  readonly trusted?: boolean
  /**
   * Keeps what a run changes in files, so that `Session.undo()` can take it back: below `undo/` of harnext's home, 256 MB of each session,
   * and of all sessions the newest gigabyte of the last 30 days. @default true where neither `store` nor `workspace` is given
   */
  readonly undo?: boolean
  /** Where sessions, settings and logins are. @default $HARNEXT_HOME, else ~/.harnext */
  readonly home?: string
  /** The administrator's settings, which stand above these. @default /etc/harnext/harnext.config.json, or its like */
  readonly managed?: string
  /**
   * Keep a chain of all that was decided and done, one file a session, in this folder; `true`: in `audit` of harnext's home.
   * `harnext audit verify` says whether one was changed. Not given: a session that has a chain in harnext's home goes on with it, others have none.
   */
  readonly audit?: boolean | string
  /** @default process.env */
  readonly env?: { readonly [name: string]: string | undefined }
}

export interface HarnextRunOptions extends HarnextOptions {
  readonly signal?: AbortSignal
  readonly cancel?: CancelToken
  /** Sent with the input's text. */
  readonly images?: readonly ImagePart[]
  readonly files?: readonly FilePart[]
}

/** What is said: a text, or messages. */
export type Input = string | readonly Message[]
