import { ToolError, ToolResult, tool, type Effect, type Tool } from '@harnext/core'
import { findAll } from './edit/find-text.ts'
import { explain } from './file/failure.ts'
import { MemoryFolder } from './memory/memory-folder.ts'

interface MemoryArgs {
  readonly command: 'view' | 'create' | 'str_replace' | 'insert' | 'delete' | 'rename'
  readonly path?: string
  readonly text?: string
  readonly old_str?: string
  readonly new_str?: string
  readonly insert_line?: number
  readonly new_path?: string
}

const name = 'memory'
const text = { type: 'string' } as const

/**
 * Notes that outlast a session, as text files in one folder that nothing else uses; it is made when the first is written. Looking at
 * them touches nothing that a permission is about; writing counts as executing `memory`.
 */
export function memoryTool({ folder }: { readonly folder: string }): Tool {
  const files = new MemoryFolder(folder)
  return tool<MemoryArgs>({
    name,
    description:
      'Notes that last beyond this conversation: text files in a folder of their own. Keep what will be of use again: decisions, preferences of the user, traps; one fact a file, and MEMORY.md with a line for each. Look at MEMORY.md first. Never keep secrets.',
    parameters: {
      type: 'object',
      properties: {
        command: { enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
        path: { ...text, description: 'Of a note; of view also a folder. Default: all' },
        text: { ...text, description: 'Of create and insert' },
        old_str: { ...text, description: 'Of str_replace: what is there exactly once' },
        new_str: { ...text, description: 'Of str_replace' },
        insert_line: { type: 'integer', minimum: 0, description: 'Of insert: behind this line' },
        new_path: { ...text, description: 'Of rename' },
      },
      required: ['command'],
      additionalProperties: false,
    },
    effects: ({ command }): readonly Effect[] =>
      command === 'view' ? [] : [{ kind: 'execute', target: name, detail: command }],
    recovery: 'report',
    async execute(args) {
      try {
        return ToolResult.ok(await work(files, args), { changesComplete: true })
      } catch (error) {
        if (error instanceof ToolError) throw error
        return ToolResult.error(explain(error, args.path ?? 'the notes', args.command))
      }
    },
  })
}

async function work(files: MemoryFolder, args: MemoryArgs): Promise<string> {
  const { command, path = '' } = args
  if (command === 'view') return view(files, path)
  if (path === '') throw new ToolError(name, `${command} needs a path.`)
  switch (command) {
    case 'create':
      await files.write(path, needed(args, 'text'))
      return `Wrote ${path}.`
    case 'str_replace':
      await files.write(path, replaced(await files.read(path), args))
      return `Changed ${path}.`
    case 'insert':
      await files.write(path, inserted(await files.read(path), args))
      return `Changed ${path}.`
    case 'delete':
      await files.remove(path)
      return `Deleted ${path}.`
    case 'rename':
      await files.rename(path, needed(args, 'new_path'))
      return `${path} is ${args.new_path} now.`
  }
}

async function view(files: MemoryFolder, path: string): Promise<string> {
  const names = await files.list(path)
  if (names === null) return files.read(path)
  return names.length ? names.join('\n') : 'There are no notes yet.'
}

function replaced(before: string, args: MemoryArgs): string {
  const old = needed(args, 'old_str')
  const places = old === '' ? [] : findAll(before, old)
  const [place] = places
  if (!place || places.length > 1)
    throw new ToolError(
      name,
      `old_str is in ${args.path} ${places.length} times; it must be there once.`,
    )
  return before.slice(0, place.start) + (args.new_str ?? '') + before.slice(place.end)
}

function inserted(before: string, args: MemoryArgs): string {
  const lines = before.split('\n')
  const { insert_line: line = lines.length } = args
  return [...lines.slice(0, line), needed(args, 'text'), ...lines.slice(line)].join('\n')
}

function needed(args: MemoryArgs, key: 'text' | 'old_str' | 'new_path'): string {
  const value = args[key]
  if (value === undefined) throw new ToolError(name, `${args.command} needs ${key}.`)
  return value
}
