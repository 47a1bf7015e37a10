import { ToolResult, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt } from './file/failure.ts'
import type { BackgroundShells, Shell } from './shell/background.ts'
import { readLines, readMatches, readNew } from './shell/read-output.ts'

const defaultLimit = 1000

interface BashOutputArgs {
  readonly bash_id: string
  readonly filter?: string
  readonly offset?: number
  readonly limit?: number
}

/** Reads what a command in the background has said, or more of a long output. It touches nothing but harnext's own files. */
export function bashOutputTool(shells: BackgroundShells): Tool {
  return builtinTool<BashOutputArgs>({
    name: 'bash_output',
    description:
      'Gives what a background command has said since you last looked, and whether it still runs. ' +
      'With offset and limit: lines of all it has said, also of a command whose long output was cut. With filter: only the lines that match.',
    parameters: {
      type: 'object',
      properties: {
        bash_id: { type: 'string', minLength: 1, description: 'As bash gave it: bash_1' },
        filter: { type: 'string', minLength: 1, description: 'A regular expression' },
        offset: { type: 'integer', minimum: 1, description: 'First line, counted from 1' },
        limit: {
          type: 'integer',
          minimum: 1,
          description: `How many lines; default ${defaultLimit}`,
        },
      },
      required: ['bash_id'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    async execute(args, context) {
      const shell = shells.get(args.bash_id.trim())
      if (!shell) return ToolResult.error(unknownShell(args.bash_id, shells))
      return attempt(context, { path: `the output of ${shell.id}`, doing: 'read' }, async () => {
        try {
          const text = await read(shell, args, context)
          return ToolResult.ok(`${headOf(shell)}\n\n${text === '' ? '(nothing new)' : text}`)
        } catch (error) {
          if (error instanceof RangeError) return ToolResult.error(error.message)
          throw error
        }
      })
    },
  })
}

async function read(
  shell: Shell,
  { filter, offset, limit }: BashOutputArgs,
  { signal }: ToolContext,
): Promise<string> {
  const { path, problem, size } = shell.file
  if (path === undefined) throw new Error(problem)
  const from = shell.seen
  if (filter !== undefined) {
    const matches = await readMatches(
      path,
      { from: isWhole(shell, offset) ? 0 : from, to: size },
      filter,
      signal,
    )
    shell.seen = Math.max(shell.seen, size)
    return matches
  }
  if (offset !== undefined || limit !== undefined) {
    const first = offset ?? 1
    const { lines, done } = await readLines(path, first, limit ?? defaultLimit, signal)
    const text = lines.map((line) => line.text).join('\n')
    return done ? `${text}\n(read on with offset ${first + lines.length})` : text
  }
  shell.seen = size
  return readNew(path, from, size)
}

/** The output of a command that is over was given in part, so all of it is looked through. */
function isWhole({ pid }: Shell, offset: number | undefined): boolean {
  return pid === undefined || offset !== undefined
}

function headOf({ id, pid, ended, startedAt, file }: Shell): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const state = ended ?? `running (process ${pid}) for ${seconds} s`
  return `[${id}] ${state}${file.problem === undefined ? '' : `; output not complete: ${file.problem}`}`
}

export function unknownShell(id: string, shells: BackgroundShells): string {
  const all = shells.list().map((shell) => `${shell.id} (${shell.command.slice(0, 60)})`)
  return `There is no background command ${JSON.stringify(id)}. ${all.length ? `There are: ${all.join(', ')}.` : 'None was started in this task.'}`
}
