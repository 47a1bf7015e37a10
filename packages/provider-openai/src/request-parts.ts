import {
  isJsonObject,
  warning,
  type Json,
  type JsonObject,
  type ModelRequest,
  type Warning,
} from '@harnext/core/provider'
import { toToolName } from './tool-name.ts'
import { plainIds } from './wire-id.ts'

/** The API wants a name for a schema, made of the same characters as a tool's. */
export function toOutputName(output: ModelRequest['output']): string {
  return toToolName(output?.name ?? '') || 'output'
}

/** A key is no longer than an id. */
export function toCacheKey(key: string): string {
  const rule = plainIds(64)
  return rule.fits(key) ? key : rule.make(key, 1)
}

/** A choice without tools is an error of the API. */
export function unusedChoice({ toolChoice }: ModelRequest, tools: string | undefined): Warning[] {
  if (tools !== undefined || toolChoice === undefined || toolChoice === 'auto') return []
  return [warning('tool_choice_unsupported', 'toolChoice was left out: no tools are given.')]
}

/** The caller's own value of a field wins; of two objects the fields are merged. Empty where there is none. */
export function merged(
  field: string,
  ours: JsonObject | undefined,
  own: Json | undefined,
): JsonObject {
  const value = isJsonObject(own) ? { ...ours, ...own } : own === undefined ? ours : own
  return value === undefined ? {} : { [field]: value }
}
