import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Writes the file, or with `--check` says whether it is what would be written: exit code 1 if not.
 * @param {URL} file
 * @param {string} text
 * @param {string} command that writes it
 */
export function update(file, text, command) {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
    return
  }
  if (readIfThere(file) === text) return
  process.stderr.write(`${fileURLToPath(file)} is not what its data says. Run: ${command}\n`)
  process.exitCode = 1
}

/** @param {URL} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
