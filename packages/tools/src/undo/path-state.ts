import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

/** What is at a path: enough to tell whether somebody changed it, and to put it back. */
export type PathState =
  | { readonly kind: 'missing' | 'other' }
  /** `hash`: of the content; of a file that is too large to be read, of its size and time. */
  | {
      readonly kind: 'file'
      readonly hash: string
      readonly size: number
      readonly mode?: number
    }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'directory'; readonly mode?: number }

/** Of what is kept around commands; bytes. */
export const maxFileSize = 1_000_000

export interface ReadPath {
  readonly state: PathState
  /** Changes whenever the path does, unless within the clock's grain; absent where it cannot be relied on. */
  readonly key?: string
  /** Of a file that is not too large. */
  readonly content?: Uint8Array
}

/** A file system's clock ticks every few milliseconds: what was written that lately may be written again at the same time. */
const clockGrainMs = 50

/** What is there now. A file of more than `maxBytes` is not read. */
export function readPath(path: string, maxBytes: number): ReadPath {
  try {
    const stats = lstatSync(path)
    const isSettled = Date.now() - stats.mtimeMs > clockGrainMs
    return { ...describe(path, stats, maxBytes), ...(isSettled && { key: keyOf(stats) }) }
  } catch (error) {
    if (isGone(error)) return { state: { kind: 'missing' } }
    if (isClosed(error)) return { state: { kind: 'other' } }
    throw error
  }
}

/** The same, but nothing where the path leads through a symbolic link: what lies there is another path's. */
export function readReal(path: string, maxBytes: number): ReadPath {
  return linkAbove(path) === null ? readPath(path, maxBytes) : { state: { kind: 'missing' } }
}

/** The first symbolic link on the way to an absolute path; `null` where there is none. */
export function linkAbove(path: string): string | null {
  const folder = dirname(path)
  if (folder === path) return null
  return linkAbove(folder) ?? (isLink(folder) ? folder : null)
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch (error) {
    if (isGone(error) || isClosed(error)) return false
    throw error
  }
}

function describe(path: string, stats: Stats, maxBytes: number): ReadPath {
  const mode = stats.mode & 0o7777
  if (stats.isSymbolicLink()) return { state: { kind: 'symlink', target: readlinkSync(path) } }
  if (stats.isDirectory()) return { state: { kind: 'directory', mode } }
  if (!stats.isFile()) return { state: { kind: 'other' } }
  const { size, mtimeMs } = stats
  if (size > maxBytes)
    return { state: { kind: 'file', hash: `unread ${size} ${mtimeMs}`, size, mode } }
  const content = readFileSync(path)
  return { state: { kind: 'file', hash: hashOf(content), size: content.length, mode }, content }
}

export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

export function keyOf({
  size,
  mtimeMs,
  mode,
}: {
  readonly size: number
  readonly mtimeMs: number
  readonly mode: number
}): string {
  return `${size} ${mtimeMs} ${mode & 0o7777}`
}

/** Whether the two are the same but for their permission bits. */
export function isSameContent(a: PathState, b: PathState): boolean {
  if (a.kind === 'file' && b.kind === 'file') return a.hash === b.hash
  if (a.kind === 'symlink' && b.kind === 'symlink') return a.target === b.target
  return a.kind === b.kind
}

/** As above, with the permission bits where both are known. */
export function isSame(a: PathState, b: PathState): boolean {
  const [first, second] = [modeOf(a), modeOf(b)]
  return isSameContent(a, b) && (first === undefined || second === undefined || first === second)
}

export function modeOf(state: PathState): number | undefined {
  return state.kind === 'file' || state.kind === 'directory' ? state.mode : undefined
}

/** A file that was too large to be read: its content was never known. */
export function isUnread(state: PathState): boolean {
  return state.kind === 'file' && state.hash.startsWith('unread ')
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)))
}

function isClosed(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(String(codeOf(error)))
}
