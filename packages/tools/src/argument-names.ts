import { isJsonObject, tool, type Json, type Tool, type ToolDefinition } from '@harnext/core'

/** How other systems spell arguments, in lower case without `_` and `-`; the first that the tool has is meant. */
const spellings: ReadonlyMap<string, readonly string[]> = new Map([
  ['filepath', ['path']],
  ['filename', ['path']],
  ['file', ['path']],
  ['notebookpath', ['path']],
  ['dirpath', ['path']],
  ['directory', ['path']],
  ['folder', ['path']],
  ['contents', ['content']],
  ['filetext', ['content']],
  ['text', ['content']],
  ['oldstr', ['old_string']],
  ['oldtext', ['old_string']],
  ['newstr', ['new_string']],
  ['newtext', ['new_string']],
  ['cmd', ['command']],
  ['script', ['command']],
  ['timeoutms', ['timeout']],
  ['background', ['run_in_background']],
  ['shellid', ['bash_id']],
  ['taskid', ['bash_id']],
  ['id', ['bash_id']],
  ['include', ['glob']],
  ['maxresults', ['limit']],
  ['headlimit', ['limit']],
  ['regex', ['pattern', 'filter']],
  ['query', ['pattern']],
  ['i', ['ignore_case']],
  ['c', ['context']],
  ['uri', ['url']],
  ['patch', ['input']],
])

/**
 * A tool that also understands the names that other systems give its arguments: `file_path`, `filePath`, `oldString`. An argument that
 * is there under its own name wins.
 */
export function builtinTool<Args>(definition: ToolDefinition<Args>): Tool {
  const defined = tool<Args>(definition)
  return {
    ...defined,
    get parameters() {
      return defined.parameters
    },
    validate: (args) => defined.validate(canonical(args, namesOf(defined))),
  }
}

function namesOf({ parameters }: Tool): readonly string[] {
  const { properties } = parameters
  return isJsonObject(properties) ? Object.keys(properties) : []
}

function canonical(args: Json, names: readonly string[]): Json {
  if (!isJsonObject(args)) return args
  const result: { [name: string]: Json } = {}
  for (const [key, value] of Object.entries(args)) {
    const name = names.includes(key) ? key : (meant(key, names) ?? key)
    if (name === key || !Object.hasOwn(args, name)) result[name] = value
  }
  return result
}

function meant(key: string, names: readonly string[]): string | undefined {
  const plain = plainOf(key)
  return (
    names.find((name) => plainOf(name) === plain) ??
    spellings.get(plain)?.find((name) => names.includes(name))
  )
}

function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}
