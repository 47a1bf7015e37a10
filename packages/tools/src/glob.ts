import { ToolError, ToolResult, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt } from './file/failure.ts'
import { missing } from './file/missing.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'
import { leftOutNotes } from './tree/notes.ts'
import { compileGlob, type PathPattern } from './tree/path-pattern.ts'
import { LeftOut, walkTree } from './tree/walk.ts'

const maxFiles = 1000

interface GlobArgs {
  readonly pattern: string
  readonly path?: string
}

/**
 * Finds files by their names, the newest first. Leaves out what `.gitignore` ignores, `.git`, `node_modules`, and files that may hold
 * secrets, and says so. Links are named and not followed.
 */
export const glob: Tool = builtinTool<GlobArgs>({
  name: 'glob',
  description:
    'Finds files by name: "**/*.test.ts", "src/*.{ts,tsx}"; a pattern without a slash, as "*.md", looks at any depth. ' +
    `Returns at most ${maxFiles} paths, the most recently changed first. ` +
    'Leaves out what .gitignore ignores, and node_modules. To look into files use grep.',
  parameters: {
    type: 'object',
    properties: {
      pattern: { type: 'string', minLength: 1, description: '*, **, ?, [a-z] and {a,b}' },
      path: { type: 'string', minLength: 1, description: 'Folder; default the working directory' },
    },
    required: ['pattern'],
    additionalProperties: false,
  },
  recovery: 'rerun',
  async effects(args, context) {
    const { folder } = splitPattern(args)
    return [{ kind: 'read', target: await resolveTarget('glob', folder, context), tree: true }]
  },
  async execute(args, context) {
    const { rest } = splitPattern(args)
    const pattern = compile(rest)
    const target = await decidedTarget('glob', 'read', context)
    const shown = displayPath(target, context.workspace)
    return attempt(context, { path: shown, doing: 'list' }, () => list(target, pattern, context))
  },
})

/** A pattern that is anchored itself says where to look. */
function splitPattern({ pattern, path }: GlobArgs): {
  readonly folder: string
  readonly rest: string
} {
  if (!/^(\/|~\/)/.test(pattern)) return { folder: path ?? '.', rest: pattern }
  if (path !== undefined)
    throw new ToolError('glob', 'The pattern is an absolute path already: leave out path.')
  const names = pattern.split('/')
  const wild = names.findIndex((name) => /[*?[{\\]/.test(name))
  const end = wild < 0 ? names.length - 1 : wild
  return { folder: names.slice(0, end).join('/') || '/', rest: `./${names.slice(end).join('/')}` }
}

function compile(pattern: string): PathPattern {
  try {
    return compileGlob(pattern)
  } catch (error) {
    if (error instanceof RangeError) throw new ToolError('glob', error.message, { cause: error })
    throw error
  }
}

async function list(
  folder: string,
  pattern: PathPattern,
  context: ToolContext,
): Promise<ToolResult> {
  const { workspace, signal } = context
  const info = await workspace.stat(folder)
  if (!info) return ToolResult.error(await missing(folder, workspace))
  if (info.kind !== 'directory')
    return ToolResult.error(`${displayPath(folder, workspace)} is a file; path must be a folder.`)
  const left = new LeftOut()
  const files: { readonly path: string; readonly modified: number }[] = []
  for await (const file of walkTree({ workspace, folder, pattern, links: true, signal }, left))
    files.push({ path: displayPath(file.path, workspace), modified: file.info.modified })
  const newest = files.toSorted((a, b) => b.modified - a.modified || (a.path < b.path ? -1 : 1))
  const shown = newest.slice(0, maxFiles).map(({ path }) => path)
  const cut = files.length - shown.length
  const notes = [
    ...(cut > 0 ? [`${cut} more files match; these are the newest ${maxFiles}`] : []),
    ...leftOutNotes(left, workspace),
  ]
  const lines = shown.length ? shown : ['No files match.']
  return ToolResult.ok([...lines, ...notes.map((note) => `(${note})`)].join('\n'))
}
