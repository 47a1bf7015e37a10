import type { Json } from '../json.ts'

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
