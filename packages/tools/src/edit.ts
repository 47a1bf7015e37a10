import { ToolResult, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { findAll, plainText } from './edit/find-text.ts'
import { loadText } from './edit/load.ts'
import { replaceText, toPlain, type Replaced, type Replacement } from './edit/replace.ts'
import { encodeText } from './file/encoding.ts'
import { attempt } from './file/failure.ts'
import { changedSince, exclusively, rememberWritten } from './file/seen.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'

interface EditArgs extends Partial<Replacement> {
  readonly path: string
  readonly edits?: readonly Replacement[]
}

const texts = {
  old_string: { type: 'string', description: 'The text to replace' },
  new_string: { type: 'string', description: 'What takes its place; empty to delete it' },
  replace_all: { type: 'boolean', description: 'Replace every place; default false' },
} as const

/**
 * Replaces exact text in a file, atomically, in one place or several. Line ends, encoding, byte order mark and mode of the file stay.
 * What is missing or ambiguous is refused, with the places; what differs in white space alone is found, and said. A file that somebody
 * changed since the model saw it is refused.
 */
export const edit: Tool = builtinTool<EditArgs>({
  name: 'edit',
  description:
    'Replaces text in a file. old_string must be in the file exactly once, letter by letter with its white space and without the line numbers of read; ' +
    'take as many lines around it as make it unique, or set replace_all. For several changes in one file give edits; they are made one after the other, all or none. Read the file first.',
  parameters: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: 'Absolute, or relative to the working directory',
      },
      ...texts,
      edits: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        description: 'In the place of old_string and new_string',
        items: {
          type: 'object',
          properties: texts,
          required: ['old_string', 'new_string'],
          additionalProperties: false,
        },
      },
    },
    required: ['path'],
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
    const loaded = await loadText(target, context).catch(() => null)
    const [only, ...more] = editsOf(args)
    // Trying again will say what is wrong with the file. Of several edits it cannot be told how they stand.
    if (loaded === null || 'problem' in loaded || !only || more.length) return 'rerun'
    const shown = displayPath(target, context.workspace)
    return settle(plainText(loaded.text).text, only, target, shown)
  },
  async execute(args, context) {
    const edits = editsOf(args)
    if (edits.length === 0)
      return ToolResult.error(
        'Give old_string and new_string, or edits: there is nothing to change.',
      )
    const target = await decidedTarget('edit', 'write', context)
    const shown = displayPath(target, context.workspace)
    return attempt(context, { path: shown, doing: 'edit' }, () =>
      exclusively([target], context, () => editTarget(target, edits, context)),
    )
  },
})

function editsOf({
  old_string,
  new_string,
  replace_all,
  edits = [],
}: EditArgs): readonly Replacement[] {
  if (old_string === undefined || new_string === undefined) return edits
  return [{ old_string, new_string, ...(replace_all && { replace_all }) }, ...edits]
}

async function editTarget(
  target: string,
  edits: readonly Replacement[],
  context: ToolContext,
): Promise<ToolResult> {
  const { workspace, signal } = context
  const shown = displayPath(target, workspace)
  const loaded = await loadText(target, context)
  if ('problem' in loaded) return ToolResult.error(loaded.problem)
  const { encoding } = loaded
  const stale = await changedSince(target, shown, context)
  if (stale) return ToolResult.error(stale)
  let { text } = loaded
  const done: Replaced[] = []
  for (const [index, each] of edits.entries()) {
    const replaced = replaceText(text, each, { shown, encoding })
    if ('problem' in replaced)
      return ToolResult.error(
        edits.length > 1
          ? `Edit ${index + 1}, so none was made: ${replaced.problem}`
          : replaced.problem,
      )
    done.push(replaced)
    text = replaced.text
  }
  const data = encodeText(text, encoding)
  if (data === null)
    return ToolResult.error(
      `${shown} is stored as Latin-1, which does not have every character of new_string. Convert the file to UTF-8 first, or use other characters.`,
    )
  signal.throwIfAborted()
  await workspace.writeFile(target, data)
  await rememberWritten(target, data, context)
  return ToolResult.ok(describe(shown, done), { changes: [target] })
}

function describe(shown: string, done: readonly Replaced[]): string {
  const count = done.reduce((sum, { places }) => sum + places, 0)
  const differences = [...new Set(done.flatMap(({ difference }) => difference ?? []))]
  const tolerated = differences.length
    ? ` old_string was found with different ${differences.join(' and ')}; look whether it is what you meant.`
    : ''
  const excerpts = done.map(({ excerpt }) => excerpt).join('\n')
  return `Edited ${shown}${count === 1 ? '' : ` in ${count} places`}.${tolerated}\n${excerpts}`
}

/** After a crash: the file tells whether the edit was done. */
function settle(
  text: string,
  args: Replacement,
  target: string,
  shown: string,
): ToolResult | 'rerun' {
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
