import path from 'node:path'
import { isJsonObject, toWireName, type Json, type JsonObject } from '@harnext/core'

// What hooks that were written for other systems read: their names of the built-in tools, and `file_path`.

const names: { readonly [tool: string]: string } = {
  read: 'Read',
  write: 'Write',
  edit: 'Edit',
  ls: 'LS',
  glob: 'Glob',
  grep: 'Grep',
  bash: 'Bash',
  bash_output: 'BashOutput',
  kill_shell: 'KillShell',
  web_fetch: 'WebFetch',
  web_search: 'WebSearch',
  task: 'Task',
  todo: 'TodoWrite',
  load_tools: 'Skill',
  ask_user: 'AskUserQuestion',
}
const fileTools: ReadonlySet<string> = new Set(['read', 'write', 'edit'])

/** `Write` for `write`, `mcp__server__tool` for a tool of a server, any other name as it is. */
export function fieldName(tool: string): string {
  return names[tool] ?? toWireName(tool)
}

/** The arguments; that of a file also as `file_path`, absolute. */
export function fieldInput(tool: string, args: Json, cwd: string): Json {
  if (!fileTools.has(tool) || !isJsonObject(args)) return args
  const { path: given } = args
  return typeof given === 'string' ? { ...args, file_path: path.resolve(cwd, given) } : args
}

/** What a hook made of the arguments, as the tool takes them: a file that it changed counts. */
export function ownInput(tool: string, changed: JsonObject, args: Json, cwd: string): JsonObject {
  if (!fileTools.has(tool) || typeof changed['file_path'] !== 'string') return changed
  const { file_path, ...rest } = changed
  const before = fieldInput(tool, args, cwd)
  const isSame = isJsonObject(before) && before['file_path'] === file_path
  return isSame && 'path' in rest ? rest : { ...rest, path: file_path }
}
