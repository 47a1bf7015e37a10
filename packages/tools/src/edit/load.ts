import type { ToolContext } from '@harnext/core'
import { decodeText, type Encoding } from '../file/encoding.ts'
import { isBinary } from '../file/media-type.ts'
import { missing } from '../file/missing.ts'
import { sizeText } from '../file/size.ts'
import { displayPath } from '../file/target.ts'

const maxSize = 50_000_000

export type Loaded =
  | { readonly text: string; readonly encoding: Encoding }
  | { readonly problem: string }

/** The text of a file that is to be changed, or why it cannot be. */
export async function loadText(
  target: string,
  { workspace, signal }: ToolContext,
): Promise<Loaded> {
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
  return { text, encoding }
}
