import { resolve } from 'node:path'
import type { Search } from './search.ts'

/** The program cannot do it; another way has to be taken. */
export class Unusable extends Error {}

/** A minified file can make one message very long; more than this is not put together in memory. */
const maxPiece = 16 * 1024 * 1024

/**
 * Runs ripgrep in the folder of the search and hands over its output piece by piece, up to where `take` has enough. Resolves to the
 * paths that it could not read. Throws `Unusable` when it failed in another way.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { workspace, folder, signal }: Pick<Search, 'workspace' | 'folder' | 'signal'>,
  separator: '\n' | '\0',
  take: (piece: string) => boolean,
): Promise<readonly string[]> {
  const enough = new AbortController()
  const stop = (): void => enough.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const pieces = new Pieces(separator, take)
  const errors = new TextDecoder()
  let complaints = ''
  try {
    const { code } = await workspace.spawn(
      { program, args, cwd: folder, changesNothing: true },
      {
        signal: enough.signal,
        onOutput: (chunk, stream) => {
          if (stream === 'stderr') {
            if (complaints.length < maxPiece) complaints += errors.decode(chunk, { stream: true })
          } else if (!enough.signal.aborted && !pieces.add(chunk)) enough.abort()
        },
      },
    )
    signal.throwIfAborted()
    const unreadable = unreadablePaths(complaints, folder)
    if (code === null || code <= 1 || unreadable) return unreadable ?? []
    throw new Unusable(complaints)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

class Pieces {
  readonly #decoder = new TextDecoder()
  readonly #separator: string
  readonly #take: (piece: string) => boolean
  #rest: string[] = []
  #length = 0

  constructor(separator: string, take: (piece: string) => boolean) {
    this.#separator = separator
    this.#take = take
  }

  /** False when there is enough. */
  add(chunk: Uint8Array): boolean {
    const text = this.#decoder.decode(chunk, { stream: true })
    const end = text.lastIndexOf(this.#separator)
    if (end < 0) return this.#keep(text)
    const whole = this.#rest.join('') + text.slice(0, end)
    this.#rest = []
    this.#length = 0
    return whole.split(this.#separator).every(this.#take) && this.#keep(text.slice(end + 1))
  }

  #keep(text: string): boolean {
    this.#rest.push(text)
    this.#length += text.length
    if (this.#length > maxPiece) throw new Unusable('a line is too long')
    return true
  }
}

const complaint = /^(?:rg: )?(.+): [^:]+ \(os error \d+\)$/
const folderComplaint = /^(.+): IO error for operation on .*$/

/** The paths of complaints such as `rg: ./a: Permission denied (os error 13)`; `null` when there are others. */
function unreadablePaths(complaints: string, folder: string): readonly string[] | null {
  const paths: string[] = []
  for (const line of complaints.split('\n').filter((text) => text !== '')) {
    const about = complaint.exec(line)?.[1]
    if (about === undefined) return null
    paths.push(resolve(folder, folderComplaint.exec(about)?.[1] ?? about))
  }
  return paths
}
