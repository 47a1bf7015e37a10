import { ToolResult, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { editExcerpt } from './edit/excerpt.ts'
import {
  findAll,
  lineAt,
  plainText,
  replaceAt,
  type PlainText,
  type Place,
} from './edit/find-text.ts'
import { nearestLines } from './edit/nearest-lines.ts'
import { decodeText, encodeText, encodingName, type Encoding } from './file/encoding.ts'
import { attempt } from './file/failure.ts'
import { isBinary } from './file/media-type.ts'
import { missing } from './file/missing.ts'
import { sizeText } from './file/size.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'

const maxSize = 50_000_000

interface EditArgs {
  readonly path: string
  readonly old_string: string
  readonly new_string: string
  readonly replace_all?: boolean
}

/**
 * Replaces exact text in a file, atomically. Line ends, encoding, byte order mark and mode of the file stay. What is missing or
 * ambiguous is refused, with the places.
 */
export const edit: Tool = builtinTool<EditArgs>({
  name: 'edit',
  description:
    'Replaces text in a file. old_string must be in the file exactly once, letter by letter with its white space and without the line numbers of read; ' +
    'take as many lines around it as make it unique, or set replace_all. Read the file first.',
  parameters: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: 'Absolute, or relative to the working directory',
      },
      old_string: { type: 'string', description: 'The text to replace' },
      new_string: { type: 'string', description: 'What takes its place; empty to delete it' },
      replace_all: { type: 'boolean', description: 'Replace every place; default false' },
    },
    required: ['path', 'old_string', 'new_string'],
    additionalProperties: false,
  },
  async effects({ path }, context) {
    const target = await resolveTarget('edit', path, context)
    return [
      { kind: 'read', target },
      { kind: 'write', target },
    ]
  },
  async recovery(args, context) {
    const target = await decidedTarget('edit', 'write', context)
    const what = { path: displayPath(target, context.workspace), doing: 'edit' }
    const loaded = await load(target, context).catch(() => null)
    // Trying again will say what is wrong with the file.
    if (loaded === null || 'problem' in loaded) return 'rerun'
    return settle(loaded.plain.text, args, target, what.path)
  },
  async execute(args, context) {
    const refusal = checkArguments(args)
    if (refusal) return ToolResult.error(refusal)
    const target = await decidedTarget('edit', 'write', context)
    const shown = displayPath(target, context.workspace)
    return attempt(context, { path: shown, doing: 'edit' }, () => editTarget(target, args, context))
  },
})

function checkArguments({ old_string, new_string }: EditArgs): string | null {
  if (old_string === '')
    return 'old_string is empty, so nothing says where new_string belongs. Give the text to replace, or use write to set the whole content of a file.'
  if (old_string === new_string)
    return 'old_string and new_string are the same: there is nothing to change.'
  return null
}

async function editTarget(
  target: string,
  args: EditArgs,
  context: ToolContext,
): Promise<ToolResult> {
  const { workspace, signal } = context
  const shown = displayPath(target, workspace)
  const loaded = await load(target, context)
  if ('problem' in loaded) return ToolResult.error(loaded.problem)
  const { plain, encoding } = loaded
  const places = findAll(plain.text, toPlain(args.old_string))
  if (places.length === 0)
    return ToolResult.error(notFound(plain.text, args.old_string, shown, encoding))
  if (places.length > 1 && !args.replace_all)
    return ToolResult.error(ambiguous(plain.text, places, shown))
  const replacement = toPlain(args.new_string)
  const data = encodeText(replaceAt(plain, places, replacement), encoding)
  if (data === null)
    return ToolResult.error(
      `${shown} is stored as Latin-1, which does not have every character of new_string. Convert the file to UTF-8 first, or use other characters.`,
    )
  signal.throwIfAborted()
  await workspace.writeFile(target, data)
  const count = places.length === 1 ? '' : ` in ${places.length} places`
  return ToolResult.ok(
    `Edited ${shown}${count}.\n${editExcerpt(plain.text, places, replacement)}`,
    {
      changes: [target],
    },
  )
}

type Loaded =
  | { readonly plain: PlainText; readonly encoding: Encoding }
  | { readonly problem: string }

async function load(target: string, { workspace, signal }: ToolContext): Promise<Loaded> {
  const shown = displayPath(target, workspace)
  const info = await workspace.stat(target)
  if (!info) return { problem: `${await missing(target, workspace)} To make a new file use write.` }
  if (info.size > maxSize)
    return {
      problem: `${shown} has ${sizeText(info.size)}; edit takes files up to ${sizeText(maxSize)}. Use bash with sed or a script.`,
    }
  const data = await workspace.readFile(target, { signal })
  const { text, encoding } = decodeText(data)
  if (!encoding.name.startsWith('utf-16') && isBinary(data.subarray(0, 8192)))
    return {
      problem: `${shown} is not text, so edit cannot change it. Use bash with a program that knows the format.`,
    }
  return { plain: plainText(text), encoding }
}

/** After a crash: the file tells whether the edit was done. */
function settle(text: string, args: EditArgs, target: string, shown: string): ToolResult | 'rerun' {
  const oldPlaces = findAll(text, toPlain(args.old_string))
  const newText = toPlain(args.new_string)
  const newPlaces = newText === '' ? [] : findAll(text, newText)
  // New text may hold the old one, as when lines are added around it.
  const open = oldPlaces.filter(
    (old) => !newPlaces.some((place) => place.start <= old.start && old.end <= place.end),
  )
  if (open.length === 0 && (newPlaces.length > 0 || newText === ''))
    return ToolResult.ok(`Edited ${shown}.`, { changes: [target] })
  if (open.length === 1 || (open.length > 1 && args.replace_all)) return 'rerun'
  return ToolResult.error(
    `It is not known whether ${shown} was edited: it holds neither the old nor the new text as expected. Read it before you go on.`,
  )
}

function toPlain(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

function ambiguous(text: string, places: readonly Place[], shown: string): string {
  const lines = places.slice(0, 20).map(({ start }) => lineAt(text, start))
  const more = places.length > lines.length ? ', …' : ''
  return `old_string is in ${shown} ${places.length} times, at lines ${lines.join(', ')}${more}. Take more of the text around the one you mean, or set replace_all.`
}

function notFound(text: string, wanted: string, shown: string, encoding: Encoding): string {
  const near = nearestLines(text, toPlain(wanted))
  const stored = encodingName(encoding) ? ` The file is ${encodingName(encoding)}.` : ''
  if (near.length === 0)
    return `old_string is not in ${shown}, and nothing like it is.${stored} Read the file, and copy the text from there.`
  const found = near.map(({ first, lines, difference }) => {
    const numbered = lines
      .slice(0, 20)
      .map(
        (line, index) =>
          `${String(first + index).padStart(6)}\t${line.slice(0, 300).toWellFormed()}`,
      )
    return `Near, but with different ${difference}:\n${numbered.join('\n')}`
  })
  return `old_string is not in ${shown}.${stored}\n${found.join('\n')}`
}
