import type { Workspace } from '@harnext/core'
import { markLength, sniffEncoding, streamDecoder } from '../file/encoding.ts'
import { decodeLines, lineContent } from './line-text.ts'

const chunkSize = 1024 * 1024
/** Of a longer line only this much is looked at. */
const maxLine = 16 * chunkSize

/**
 * The lines of a file, block by block, without their ends. Yields `null` and ends when the file is binary.
 */
export async function* lineBlocks(
  path: string,
  workspace: Workspace,
  signal: AbortSignal,
): AsyncGenerator<readonly string[] | null> {
  let decode: Decode | undefined
  let rest = ''
  let last = false
  for (let start = 0; !last; start += chunkSize) {
    signal.throwIfAborted()
    const chunk = await workspace.readFile(path, { start, end: start + chunkSize, signal })
    last = chunk.length < chunkSize
    const encoding = sniffEncoding(chunk)
    const isFirst = decode === undefined
    decode ??= encoding.name === 'utf-8' ? narrowDecoder() : streamDecoder(encoding)
    const text = decode(isFirst ? chunk.subarray(markLength(encoding)) : chunk, last)
    if (text === null) return yield null
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, maxLine)
    if (last && rest !== '') lines.push(rest)
    if (lines.length) yield lines.map(lineContent)
  }
}

/** `null` when the bytes belong to no text. */
type Decode = (chunk: Uint8Array, last: boolean) => string | null

/** Gives whole lines only, so that each can be decoded by itself. */
function narrowDecoder(): Decode {
  let rest: Uint8Array = new Uint8Array(0)
  return (chunk, last) => {
    if (chunk.includes(0)) return null
    const data = rest.length ? Buffer.concat([rest, chunk]) : chunk
    const end = last || data.length > maxLine ? data.length : data.lastIndexOf(10) + 1
    rest = data.subarray(end)
    return decodeLines(data.subarray(0, end))
  }
}
