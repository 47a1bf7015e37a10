import { ToolResult, type FileInfo, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt } from './file/failure.ts'
import { missing } from './file/missing.ts'
import { sizeText } from './file/size.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'
import { leftOutNotes } from './tree/notes.ts'
import { LeftOut, walkTree } from './tree/walk.ts'

const defaultLimit = 500

interface LsArgs {
  readonly path?: string
  readonly recursive?: boolean
  readonly offset?: number
  readonly limit?: number
}

/** Lists a folder: folders with a slash, files with their size. With `recursive` all files below it, as `glob` sees them. */
export const ls: Tool = builtinTool<LsArgs>({
  name: 'ls',
  description:
    'Lists a folder: what is in it, hidden files too, with sizes; folders end with /. ' +
    'With recursive: the paths of all files below it, without what .gitignore ignores. To find files by name use glob.',
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string', minLength: 1, description: 'Folder; default the working directory' },
      recursive: { type: 'boolean', description: 'Default false' },
      offset: { type: 'integer', minimum: 0, description: 'Entries to pass over; default 0' },
      limit: { type: 'integer', minimum: 1, description: `How many; default ${defaultLimit}` },
    },
    additionalProperties: false,
  },
  recovery: 'rerun',
  async effects({ path = '.', recursive }, context) {
    const target = await resolveTarget('ls', path, context)
    return [{ kind: 'read', target, ...(recursive && { tree: true }) }]
  },
  async execute(args, context) {
    const target = await decidedTarget('ls', 'read', context)
    const shown = displayPath(target, context.workspace)
    return attempt(context, { path: shown, doing: 'list' }, () => list(target, args, context))
  },
})

async function list(folder: string, args: LsArgs, context: ToolContext): Promise<ToolResult> {
  const { workspace } = context
  const shown = displayPath(folder, workspace)
  const info = await workspace.stat(folder)
  if (!info) return ToolResult.error(await missing(folder, workspace))
  if (info.kind !== 'directory')
    return ToolResult.error(`${shown} is a file of ${sizeText(info.size)}; use read.`)
  const { lines, notes } = args.recursive
    ? await listBelow(folder, context)
    : { lines: (await workspace.readDirectory(folder)).map(entryLine), notes: [] }
  const { offset = 0, limit = defaultLimit } = args
  const page = lines.slice(offset, offset + limit)
  const end = offset + page.length
  const all = [
    ...notes,
    ...(end < lines.length ? [`${end} of ${lines.length}; go on with offset ${end}`] : []),
  ]
  const body = page.length
    ? page
    : [lines.length ? 'Nothing is left to list.' : 'The folder is empty.']
  return ToolResult.ok([...body, ...all.map((note) => `(${note})`)].join('\n'))
}

async function listBelow(folder: string, { workspace, signal }: ToolContext) {
  const left = new LeftOut()
  const lines: string[] = []
  for await (const { names } of walkTree({ workspace, folder, links: true, signal }, left))
    lines.push(names.join('/'))
  return { lines, notes: leftOutNotes(left, workspace) }
}

function entryLine({ name, kind, size }: FileInfo): string {
  if (kind === 'directory') return `${name}/`
  if (kind === 'file') return `${name}  ${sizeText(size)}`
  return `${name}  (${kind === 'symlink' ? 'symbolic link' : 'neither file nor folder'})`
}
