import type { Workspace } from '@harnext/core'
import { markLength, sniffEncoding, streamDecoder } from '../file/encoding.ts'
import { decodeLines } from './line-text.ts'

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
  const head = await workspace.readFile(path, { start: 0, end: 4, signal })
  const encoding = sniffEncoding(head)
  const isWide = encoding.name.startsWith('utf-16')
  const decode = isWide ? wideDecoder(streamDecoder(encoding)) : narrowDecoder()
  let rest = ''
  let last = false
  for (let start = markLength(encoding); !last; start += chunkSize) {
    signal.throwIfAborted()
    const chunk = await workspace.readFile(path, { start, end: start + chunkSize, signal })
    if (!isWide && chunk.includes(0)) return yield null
    last = chunk.length < chunkSize
    const lines = (rest + decode(chunk, last)).split('\n')
    rest = (lines.pop() ?? '').slice(0, maxLine)
    if (last && rest !== '') lines.push(rest)
    if (lines.length) yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }
}

function wideDecoder(
  decode: (chunk: Uint8Array, last: boolean) => string | null,
): (chunk: Uint8Array, last: boolean) => string {
  return (chunk, last) => decode(chunk, last) ?? ''
}

/** Gives whole lines only, so that each can be decoded by itself. */
function narrowDecoder(): (chunk: Uint8Array, last: boolean) => string {
  let rest: Uint8Array = new Uint8Array(0)
  return (chunk, last) => {
    const data = rest.length ? Buffer.concat([rest, chunk]) : chunk
    const end = last || data.length > maxLine ? data.length : data.lastIndexOf(10) + 1
    rest = data.subarray(end)
    return decodeLines(data.subarray(0, end))
  }
}
