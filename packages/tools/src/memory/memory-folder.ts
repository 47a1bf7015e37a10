import { mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { ToolError } from '@harnext/core'
import { codeOf } from '../file/failure.ts'

const maxSize = 100_000
const maxFiles = 1000

/** The files of the notes. No path leads out of the folder, nor does a symbolic link. */
export class MemoryFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Paths of the notes in a folder, sorted; `null` for a note. */
  async list(path: string): Promise<readonly string[] | null> {
    const place = await this.#place(path)
    const info = await stat(place).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' && relative(path) === '') return null
      throw error
    })
    if (info?.isFile()) return null
    if (!info) return []
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
      .map((name) => posix.join(relative(path), name))
      .toSorted()
      .slice(0, maxFiles)
  }

  async read(path: string): Promise<string> {
    return readFile(await this.#place(path), 'utf8')
  }

  async write(path: string, text: string): Promise<void> {
    if (text.length > maxSize)
      throw new ToolError(
        'memory',
        `A note has at most ${maxSize} characters; this has ${text.length}.`,
      )
    const place = await this.#place(path)
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    // A whole file or none: somebody may read it at this moment.
    const temporary = `${place}.${process.pid}.tmp`
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, place)
  }

  async remove(path: string): Promise<void> {
    if (relative(path) === '') throw new ToolError('memory', 'All notes are not deleted at once.')
    await rm(await this.#place(path), { recursive: true })
  }

  async rename(from: string, to: string): Promise<void> {
    const target = await this.#place(to)
    if (await stat(target).catch(() => null))
      throw new ToolError('memory', `${to} is there already.`)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rename(await this.#place(from), target)
  }

  async #place(path: string): Promise<string> {
    const inner = relative(path)
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const root = await realpath(this.#folder)
    const place = join(root, inner)
    const real = await realOf(place)
    if (real !== root && !real.startsWith(`${root}/`)) throw outside(path)
    return place
  }
}

/** Other systems put the notes below `/memories`. */
function relative(path: string): string {
  const inner = path.replace(/^\/memories(?=\/|$)/, '').replace(/^\/+/, '')
  const normal = posix.normalize(inner === '' ? '.' : inner)
  if (normal === '..' || normal.startsWith('../') || inner.includes('\0')) throw outside(path)
  return normal === '.' ? '' : normal.replace(/\/$/, '')
}

function outside(path: string): ToolError {
  return new ToolError('memory', `${path} is not in the folder of the notes.`)
}

/** Of the deepest part that is there. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return join(await realOf(dirname(path)), posix.basename(path))
  }
}
