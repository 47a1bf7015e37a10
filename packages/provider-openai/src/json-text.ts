import type { Json } from '@harnext/core/provider'

/**
 * JSON that every server can read: a half of a surrogate pair, which a tool that cuts its output in the middle of an emoji leaves
 * behind, becomes U+FFFD. `JSON.stringify` escapes nothing else as `\\ud…`; a pair of backslashes is skipped, as it is text.
 */
export function jsonText(value: Json): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\ud')) return text
  return text.replaceAll(/\\\\|\\ud[89a-f][\da-f]{2}/g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
}

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
