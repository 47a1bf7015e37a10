import { ToolResult, type Effect, type Tool, type ToolContext, type Workspace } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt } from './file/failure.ts'
import { missing } from './file/missing.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'
import { lineMatcher } from './search/line-matcher.ts'
import { parsePattern } from './search/pattern.ts'
import { TextResults, type OutputMode } from './search/results.ts'
import { findRipgrep, ripgrepTree, suitsRipgrep } from './search/ripgrep.ts'
import { scanFile, scanTree } from './search/scan.ts'
import type { Search } from './search/search.ts'
import { compileGlob } from './tree/path-pattern.ts'

const defaultLimit = 200
const maxLimit = 5000
const maxContext = 20

interface GrepArgs {
  readonly pattern: string
  readonly path?: string
  readonly glob?: string
  readonly output_mode?: OutputMode
  readonly ignore_case?: boolean
  readonly context?: number
  readonly limit?: number
}

/** How the files of a workspace are searched: by the ripgrep at this path, or without. */
type FindEngine = (workspace: Workspace) => Promise<string | null>

/**
 * Finds lines in files by a regular expression. Runs ripgrep where the workspace has it, and finds the same without. Leaves out what
 * `.gitignore` ignores, `.git`, `node_modules`, binary files, and files that may hold secrets, and says so.
 */
export const grep: Tool = grepWith(rememberedEngine())

/** `grep` with another way to find ripgrep, as for tests. */
export function grepWith(findEngine: FindEngine): Tool {
  return builtinTool<GrepArgs>({
    name: 'grep',
    description:
      'Finds lines in files by a regular expression (escape { } ( ) [ ] . to look for themselves). ' +
      'Gives lines with their numbers, only the files, or counts. Narrow it by path and glob. ' +
      'Leaves out what .gitignore ignores, node_modules and binary files. Matches within one line.',
    parameters: {
      type: 'object',
      properties: {
        pattern: { type: 'string', minLength: 1, description: 'Regular expression' },
        path: {
          type: 'string',
          minLength: 1,
          description: 'Folder or file; default the working directory',
        },
        glob: {
          type: 'string',
          minLength: 1,
          description: 'Only files like "*.ts" or "src/**/*.{js,ts}"',
        },
        output_mode: {
          type: 'string',
          enum: ['content', 'files', 'count'],
          description: 'Default content',
        },
        ignore_case: { type: 'boolean', description: 'Default false' },
        context: {
          type: 'integer',
          minimum: 0,
          maximum: maxContext,
          description: 'Lines before and after each match; default 0',
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: maxLimit,
          description: `Most lines or files; default ${defaultLimit}`,
        },
      },
      required: ['pattern'],
      additionalProperties: false,
    },
    recovery: 'rerun',
    effects,
    async execute(args, context) {
      const target = await decidedTarget('grep', 'read', context)
      const shown = displayPath(target, context.workspace)
      return attempt(context, { path: shown, doing: 'search' }, () =>
        searchTarget(target, args, context, findEngine),
      )
    },
  })
}

async function effects({ path = '.' }: GrepArgs, context: ToolContext): Promise<readonly Effect[]> {
  const target = await resolveTarget('grep', path, context)
  const info = await context.workspace.stat(target).catch(() => null)
  return [{ kind: 'read', target, ...(info?.kind === 'directory' && { tree: true }) }]
}

async function searchTarget(
  target: string,
  args: GrepArgs,
  context: ToolContext,
  findEngine: FindEngine,
): Promise<ToolResult> {
  const { workspace } = context
  const shown = displayPath(target, workspace)
  const info = await workspace.stat(target)
  if (!info) return ToolResult.error(await missing(target, workspace))
  const isFolder = info.kind === 'directory'
  const isTree = context.effects.some((effect) => effect.kind === 'read' && effect.tree)
  if (isFolder && !isTree) return ToolResult.error(`${shown} has become a folder. Try again.`)
  try {
    const search = searchOf(target, args, context)
    const begin = (): TextResults => beginResults(args, search)
    const results = await (isFolder
      ? searchTree(search, begin, findEngine)
      : searchFile(search, begin()))
    return results
      ? ToolResult.ok(results.text())
      : ToolResult.error(`${shown} is binary: there are no lines to look into.`)
  } catch (error) {
    if (error instanceof RangeError) return ToolResult.error(error.message)
    throw error
  }
}

function searchOf(folder: string, args: GrepArgs, { workspace, signal }: ToolContext): Search {
  const pattern = parsePattern(args.pattern, args.ignore_case ?? false)
  const glob = args.glob === undefined ? undefined : compileGlob(args.glob)
  const { output_mode: mode = 'content' } = args
  const context = mode === 'content' ? (args.context ?? 0) : 0
  return { workspace, folder, pattern, context, signal, ...(glob && { glob }) }
}

function beginResults(
  { output_mode: mode = 'content', limit = defaultLimit }: GrepArgs,
  { context, workspace }: Search,
): TextResults {
  return new TextResults({ mode, limit, context }, workspace)
}

async function searchTree(
  search: Search,
  begin: () => TextResults,
  findEngine: FindEngine,
): Promise<TextResults> {
  if (suitsRipgrep(search)) {
    const program = await findEngine(search.workspace)
    const results = begin()
    if (program !== null && (await ripgrepTree(program, search, results))) return results
  }
  const results = begin()
  await scanTree(search, results)
  return results
}

/** `null` when the file is binary. A file that is named is searched whatever it is called. */
async function searchFile(search: Search, results: TextResults): Promise<TextResults | null> {
  const found = results.begin(search.folder)
  if (!(await scanFile(found, lineMatcher(search.pattern), search))) return null
  results.add(found)
  return results
}

/** Looks for ripgrep once in each workspace. */
function rememberedEngine(): FindEngine {
  const known = new WeakMap<Workspace, Promise<string | null>>()
  return (workspace) => {
    const found = known.get(workspace) ?? findRipgrep(workspace)
    known.set(workspace, found)
    return found
  }
}
