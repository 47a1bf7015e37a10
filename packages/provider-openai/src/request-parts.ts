import type { ModelRequest } from '@harnext/core/provider'
import { toToolName } from './tool-name.ts'
import { warning, type Warning } from './warning.ts'

/** The API wants a name for a schema, made of the same characters as a tool's. */
export function toOutputName(output: ModelRequest['output']): string {
  return toToolName(output?.name ?? '') || 'output'
}

/** A choice without tools is an error of the API. */
export function unusedChoice({ toolChoice }: ModelRequest, tools: string | undefined): Warning[] {
  if (tools !== undefined || toolChoice === undefined || toolChoice === 'auto') return []
  return [warning('tool_choice_unsupported', 'toolChoice was left out: no tools are given.')]
}
