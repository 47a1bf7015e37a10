#!/usr/bin/env node
/**
 * One turn must stay readable: follows the value imports from `run/loop.ts` inside core, lists the files with their lines, and fails
 * above eight files or a thousand lines. Type imports are left out: they are erased, and nobody has to read them to follow a turn.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const maxFiles = 8
const maxLines = 1000
const source = fileURLToPath(new URL('../packages/core/src/', import.meta.url))

/** The relative files that a module needs at run time. */
export function valueImports(/** @type {string} */ text) {
  const found = []
  for (const [, clause = '', from = ''] of text.matchAll(
    /^(?:import|export)\s+([^'"]*?)\s*from\s+'(\.[^']+)'/gm,
  )) {
    const names = /\{([^}]*)\}/.exec(clause)?.[1]?.split(',') ?? ['*']
    const typesOnly =
      clause.startsWith('type ') || names.every((name) => /^\s*(type\s|$)/.test(name))
    if (!typesOnly) found.push(from)
  }
  for (const [, from = ''] of text.matchAll(/^import\s+'(\.[^']+)'/gm)) found.push(from)
  for (const [, from = ''] of text.matchAll(/\bimport\(\s*'(\.[^']+)'\s*\)/g)) found.push(from)
  return found
}

/** @returns {Map<string, number>} lines by file, relative to core's source */
function filesOfOneTurn(/** @type {string} */ first) {
  /** @type {Map<string, number>} */
  const lines = new Map()
  const open = [first]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (lines.has(file)) continue
    const text = readFileSync(path.join(source, file), 'utf8')
    lines.set(file, text.split('\n').length - 1)
    for (const from of valueImports(text)) open.push(path.join(path.dirname(file), from))
  }
  return lines
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = filesOfOneTurn('run/loop.ts')
  const sum = [...lines.values()].reduce((total, count) => total + count, 0)
  for (const [file, count] of lines) console.log(`${String(count).padStart(5)}  ${file}`)
  console.log(
    `${String(sum).padStart(5)}  lines in ${lines.size} files (at most ${maxLines} in ${maxFiles})`,
  )
  if (lines.size > maxFiles || sum > maxLines) process.exitCode = 1
}
