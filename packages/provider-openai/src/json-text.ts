import type { Json } from '@harnext/core/provider'

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The value when it is a text, else an empty one: vendors say nothing in many ways. */
export function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}
