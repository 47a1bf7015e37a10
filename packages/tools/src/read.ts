import { basename } from 'node:path'
import { ToolResult, type FileInfo, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import {
  decodeText,
  encodingName,
  latin1Encoding,
  markLength,
  sniffEncoding,
  streamDecoder,
  type Encoding,
} from './file/encoding.ts'
import { attempt } from './file/failure.ts'
import { LineWindow, maxLineLength } from './file/line-window.ts'
import { isBinary, sniffBinary } from './file/media-type.ts'
import { missing } from './file/missing.ts'
import { notebookContent } from './file/notebook.ts'
import { remember } from './file/seen.ts'
import { sizeText } from './file/size.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'

const defaultLimit = 2000
const headSize = 8192
const chunkSize = 1024 * 1024
/** As base64 it stays below the 5 MB that vendors take. */
const maxImageSize = 3_750_000
const maxPdfSize = 20_000_000
const maxNotebookSize = 20_000_000

interface ReadArgs {
  readonly path: string
  readonly offset?: number
  readonly limit?: number
}

/**
 * Reads lines of a text file, numbered as `cat -n` does, an image, a PDF, or the cells of a notebook. A window at the start of a large file reads only that. Decodes
 * UTF-8, UTF-16 with a byte order mark, and Latin-1 when nothing else fits.
 */
export const read: Tool = builtinTool<ReadArgs>({
  name: 'read',
  description:
    'Reads a file. Text comes with line numbers, a tab, and the line; these are not part of the file. ' +
    `At most ${defaultLimit} lines at once: read on with offset. Images, PDF files and notebooks are shown. ` +
    'Read a file before you edit it. For folders use glob, for finding text in files grep.',
  parameters: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: 'Absolute, or relative to the working directory',
      },
      offset: { type: 'integer', minimum: 1, description: 'First line, counted from 1' },
      limit: {
        type: 'integer',
        minimum: 1,
        description: `How many lines; default ${defaultLimit}`,
      },
    },
    required: ['path'],
    additionalProperties: false,
  },
  recovery: 'rerun',
  effects: async ({ path }, context) => [
    { kind: 'read', target: await resolveTarget('read', path, context) },
  ],
  async execute(args, context) {
    const target = await decidedTarget('read', 'read', context)
    const shown = displayPath(target, context.workspace)
    return attempt(context, { path: shown, doing: 'read' }, () => readTarget(target, args, context))
  },
})

async function readTarget(
  target: string,
  args: ReadArgs,
  context: ToolContext,
): Promise<ToolResult> {
  const { workspace, signal } = context
  const shown = displayPath(target, workspace)
  const info = await workspace.stat(target)
  if (!info) return ToolResult.error(await missing(target, workspace))
  if (info.kind === 'directory')
    return ToolResult.error(
      `${shown} is a folder. Use glob to list it, as { "pattern": "*", "path": ${JSON.stringify(shown)} }.`,
    )
  await remember(target, context)
  const head = await workspace.readFile(target, { start: 0, end: headSize, signal })
  const encoding = sniffEncoding(head)
  if (encoding.name === 'utf-8' && !encoding.bom && isBinary(head))
    return readBinary(target, head, info, context)
  if (target.endsWith('.ipynb') && info.size <= maxNotebookSize) {
    const content = notebookContent(decodeText(await workspace.readFile(target, { signal })).text)
    if (content) return ToolResult.ok(`${shown}: notebook`, { content })
  }
  const window = await readWindow(target, encoding, args, context)
  return describeWindow(window, info, args, shown)
}

async function readBinary(
  target: string,
  head: Uint8Array,
  info: FileInfo,
  { workspace, signal }: ToolContext,
): Promise<ToolResult> {
  const { name, mediaType } = sniffBinary(head)
  const shown = displayPath(target, workspace)
  if (name === 'PDF document' && info.size <= maxPdfSize) {
    const data = Buffer.from(await workspace.readFile(target, { signal })).toString('base64')
    const text = `${shown}: ${name}, ${sizeText(info.size)}`
    const file = {
      type: 'file',
      mediaType: 'application/pdf',
      name: basename(target),
      data,
    } as const
    return ToolResult.ok(text, { content: [{ type: 'text', text }, file] })
  }
  if (mediaType === undefined)
    return ToolResult.error(
      `${shown} is not text: ${name}, ${sizeText(info.size)}. Use bash with a program that knows the format.`,
    )
  if (info.size > maxImageSize)
    return ToolResult.error(
      `${shown} is a ${name} of ${sizeText(info.size)}; at most ${sizeText(maxImageSize)} can be shown. Make a smaller copy and read that.`,
    )
  const data = Buffer.from(await workspace.readFile(target, { signal })).toString('base64')
  const text = `${shown}: ${name}, ${sizeText(info.size)}`
  return ToolResult.ok(text, {
    content: [
      { type: 'text', text },
      { type: 'image', mediaType, data },
    ],
  })
}

interface ReadWindow extends LineWindow {
  readonly encoding: Encoding
}

async function readWindow(
  target: string,
  encoding: Encoding,
  args: ReadArgs,
  context: ToolContext,
): Promise<ReadWindow> {
  const window = new LineWindow(args.offset ?? 1, args.limit ?? defaultLimit)
  const decode = streamDecoder(encoding)
  let last = false
  for (let start = markLength(encoding); !last && !window.done; start += chunkSize) {
    context.signal.throwIfAborted()
    const { signal } = context
    const chunk = await context.workspace.readFile(target, {
      start,
      end: start + chunkSize,
      signal,
    })
    last = chunk.length < chunkSize
    const text = decode(chunk, last)
    if (text === null) return readWindow(target, latin1Encoding, args, context)
    window.add(text)
  }
  if (last) window.finish()
  return Object.assign(window, { encoding })
}

function describeWindow(
  window: ReadWindow,
  info: FileInfo,
  args: ReadArgs,
  shown: string,
): ToolResult {
  const { lines, total, done, encoding } = window
  const first = args.offset ?? 1
  if (lines.length === 0 && first > 1)
    return ToolResult.error(`${shown} has ${total} lines; there is no line ${first}.`)
  const last = first + lines.length - 1
  const notes = [
    ...(total === 0 && !done ? ['the file is empty'] : []),
    ...(done
      ? [
          `lines ${first} to ${last} of a file of ${sizeText(info.size)}; read on with offset ${last + 1}`,
        ]
      : []),
    ...(!done && last < total ? [`lines ${first} to ${last} of ${total}`] : []),
    ...(lines.some(({ text, length }) => length > text.length)
      ? [`lines are cut after ${maxLineLength} characters`]
      : []),
    ...(encodingName(encoding) ? [encodingName(encoding)] : []),
  ]
  const body = lines.map(({ text, length }, index) => {
    const line = length > text.length ? `${text.toWellFormed()}… (${length} characters)` : text
    return `${String(first + index).padStart(6)}\t${line}\n`
  })
  return ToolResult.ok(body.join('') + (notes.length ? `(${notes.join('; ')})` : ''))
}
