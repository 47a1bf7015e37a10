import { isJsonObject, type JsonObject } from '@harnext/core'
import type { HookEventName, HookSettings } from '@harnext/sdk/hooks'

export type HookEvent =
  | 'pre_tool_use'
  | 'post_tool_use'
  | 'session_start'
  | 'session_end'
  | 'user_prompt'
  | 'agent_stop'
  | 'compaction'

/**
 * A shell command for an event, run as harnext's own settings run it: what happened is JSON on its standard input, exit code 2 blocks with
 * standard error as the reason, and in the mode `plan` none runs. In the command, `{tool_name}`, `{session_id}`, `{cwd}`, `{event}`,
 * `{file_path}`, `{command}`, `{pattern}` and `{result}` stand for their values, quoted for the shell.
 */
export interface Hook {
  readonly event: HookEvent
  readonly command: string
  /** The names of tools, with `*`. @default all */
  readonly matcher?: string
  /** Seconds. @default 30 */
  readonly timeout?: number
}

const names: { readonly [event in HookEvent]: HookEventName } = {
  pre_tool_use: 'PreToolUse',
  post_tool_use: 'PostToolUse',
  session_start: 'SessionStart',
  session_end: 'SessionEnd',
  user_prompt: 'UserPromptSubmit',
  agent_stop: 'Stop',
  compaction: 'PreCompact',
}

/** Hooks as settings' files have them. */
export function toSettings(hooks: readonly Hook[]): HookSettings {
  const settings: { [event in HookEventName]?: NonNullable<HookSettings[event]> } = {}
  for (const { event, command, matcher, timeout = 30 } of hooks) {
    const group = {
      ...(matcher !== undefined && { matcher }),
      hooks: [{ type: 'command', command, timeout } as const],
    }
    settings[names[event]] = [...(settings[names[event]] ?? []), group]
  }
  return settings
}

/** The command with the values of what happened in it. */
export function filled(command: string, payload: JsonObject): string {
  const { session_id, cwd, tool_name, tool_input, tool_response, hook_event_name } = payload
  const args = isJsonObject(tool_input) ? tool_input : {}
  const event = Object.entries(names).find(([, name]) => name === hook_event_name)?.[0]
  const values: JsonObject = {
    event: event ?? '',
    session_id: session_id ?? '',
    cwd: cwd ?? '',
    tool_name: tool_name ?? '',
    result: tool_response ?? payload['last_assistant_message'] ?? '',
    file_path: args['path'] ?? '',
    command: args['command'] ?? '',
    pattern: args['pattern'] ?? '',
  }
  return command.replaceAll(/\{(\w+)\}/g, (found, name: string) => {
    const value = values[name]
    if (value === undefined) return found
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `'${text.replaceAll("'", `'\\''`)}'`
  })
}
