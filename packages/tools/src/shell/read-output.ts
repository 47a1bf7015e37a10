import { open, type FileHandle } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { LineWindow } from '../file/line-window.ts'
import { lineMatcher } from '../search/line-matcher.ts'
import { parsePattern } from '../search/pattern.ts'

const chunkSize = 262_144
/** What is given of new output, in bytes; of more the two ends. */
const maxNew = 32_768
const maxMatches = 500

/** What was written since, up to byte `to`: all of it, or its two ends. */
export async function readNew(path: string, from: number, to: number): Promise<string> {
  const handle = await open(path, 'r')
  try {
    if (to - from <= maxNew) return await textAt(handle, from, to)
    const head = await textAt(handle, from, from + maxNew / 2)
    const tail = await textAt(handle, to - maxNew / 2, to)
    const left = to - from - maxNew
    return `${head}\n[… ${left} bytes left out; read them with offset and limit, or with filter …]\n${tail}`
  } finally {
    await handle.close()
  }
}

/** Lines of the whole output, from `first`, counted from 1. */
export async function readLines(
  path: string,
  first: number,
  limit: number,
  signal: AbortSignal,
): Promise<LineWindow> {
  const window = new LineWindow(first, limit)
  for await (const text of piecesOf(path, 0, Infinity, signal)) {
    window.add(text)
    if (window.done) return window
  }
  window.finish()
  return window
}

/** The lines since byte `from` that match; of too many the last ones. Throws a `RangeError` for a pattern that is none, or takes too long. */
export async function readMatches(
  path: string,
  range: { readonly from: number; readonly to: number },
  filter: string,
  signal: AbortSignal,
): Promise<string> {
  const match = lineMatcher(parsePattern(filter, false))
  const found: string[] = []
  let count = 0
  let rest = ''
  const take = (lines: readonly string[]): void => {
    match(lines).forEach((place, index) => {
      if (place < 0) return
      count++
      found.push((lines[index] ?? '').slice(0, 2000))
      if (found.length > 2 * maxMatches) found.splice(0, maxMatches)
    })
  }
  for await (const text of piecesOf(path, range.from, range.to, signal)) {
    const lines = (rest + text).split('\n')
    // A line without an end must not grow without one.
    rest = (lines.pop() ?? '').slice(-chunkSize)
    take(lines)
  }
  if (rest !== '') take([rest])
  const shown = found.slice(-maxMatches)
  const note =
    count > shown.length ? `[the last ${shown.length} of ${count} lines that match]\n` : ''
  return note + shown.join('\n')
}

async function* piecesOf(
  path: string,
  from: number,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const handle = await open(path, 'r')
  const decoder = new StringDecoder('utf8')
  try {
    const buffer = Buffer.alloc(chunkSize)
    for (let at = from; at < to;) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkSize, to - at), at)
      if (bytesRead === 0) return
      at += bytesRead
      yield decoder.write(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

async function textAt(handle: FileHandle, from: number, to: number): Promise<string> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from)
  return new TextDecoder().decode(buffer.subarray(0, bytesRead))
}
