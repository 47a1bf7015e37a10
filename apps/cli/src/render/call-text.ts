import { isJsonObject, type Json } from '@harnext/core'

/** What tells one call of a tool from another, the most telling first. */
const telling = ['command', 'path', 'file_path', 'pattern', 'url', 'query']

/** What a call is about: its command, path or pattern, else its arguments as JSON. Not yet harmless to a terminal. */
export function callText(args: Json | undefined): string {
  if (args === undefined) return ''
  if (isJsonObject(args))
    for (const name of telling) {
      const value = Object.hasOwn(args, name) ? args[name] : undefined
      if (typeof value === 'string') return value
    }
  const text = JSON.stringify(args)
  return text === '{}' ? '' : text
}
