import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/**
 * One value for the names and the content of files; folders are read to the bottom. A path that
 * does not exist counts as absent. Content, not times: a clone, a copy and a branch that was
 * visited and left give the same value. A few hundred files take some ten milliseconds.
 * @param {string} root
 * @param {string[]} relativePaths
 */
export function fingerprint(root, relativePaths) {
  const hash = createHash('sha256')
  for (const file of relativePaths.flatMap((start) => filesUnder(root, start)).toSorted()) {
    const content = readFileSync(path.join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** @returns {string[]} */
function filesUnder(/** @type {string} */ root, /** @type {string} */ start) {
  try {
    return readdirSync(path.join(root, start), { withFileTypes: true }).flatMap((entry) => {
      const child = path.join(start, entry.name)
      return entry.isDirectory() ? filesUnder(root, child) : [child]
    })
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code
    if (code === 'ENOTDIR') return [start]
    if (code === 'ENOENT') return []
    throw error
  }
}

/** A value that says what a finished step was made from. It is written last and removed first. */
export class Stamp {
  /** @param {string} file */
  constructor(file) {
    this.file = file
  }

  /** @returns {string | undefined} */
  read() {
    try {
      return readFileSync(this.file, 'utf8')
    } catch {
      return undefined
    }
  }

  write(/** @type {string} */ value) {
    mkdirSync(path.dirname(this.file), { recursive: true })
    writeFileSync(this.file, value)
  }

  remove() {
    rmSync(this.file, { force: true })
  }
}
