import {
  canonicalToolName,
  isJsonObject,
  type JsonObject,
  type PermissionCall,
} from '@harnext/core'
import { UsageError } from './usage-error.ts'

/** The arguments that a tool is called with, of the one that a person writes. */
const argumentsOf: { readonly [tool: string]: (text: string) => JsonObject } = {
  bash: (command) => ({ command }),
  read: (path) => ({ path }),
  write: (path) => ({ path, content: '' }),
  edit: (path) => ({ path, old_string: 'old', new_string: 'new' }),
  ls: (path) => ({ path }),
  glob: (pattern) => ({ pattern }),
  grep: (pattern) => ({ pattern }),
  web_fetch: (url) => ({ url }),
}

/**
 * The call that a text means: `tool(argument)`, `tool`, JSON with `tool` and `args`, and everything else a command line. Pure. Throws
 * `UsageError`.
 */
export function callOfText(text: string): PermissionCall {
  if (text.trim().startsWith('{')) return callOfJson(text)
  const [, name, argument] = /^\s*([A-Za-z][\w:.-]*)\((.*)\)\s*$/s.exec(text) ?? []
  if (name === undefined || argument === undefined)
    return /^\s*mcp(?:__|:)\S+\s*$/.test(text)
      ? { tool: text.trim(), args: {} }
      : { tool: 'bash', args: { command: text } }
  const tool = canonicalToolName(name)
  const build = Object.hasOwn(argumentsOf, tool) ? argumentsOf[tool] : undefined
  if (build) return { tool, args: build(argument) }
  if (argument.trim() === '') return { tool, args: {} }
  throw new UsageError(
    `What ${argument} is to ${name} is not known. Write the call as JSON: {"tool":"${name}","args":{…}}`,
  )
}

function callOfJson(text: string): PermissionCall {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`The call is no JSON: ${String(error)}`)
  }
  if (isJsonObject(value) && typeof value['tool'] === 'string')
    return { tool: value['tool'], args: value['args'] ?? {} }
  throw new UsageError('A call in JSON is { "tool": name, "args": { … } }.')
}
