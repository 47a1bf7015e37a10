import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const dist = path.resolve(import.meta.dirname, '../dist')

/** The files that importing one brings with it, and what they import from elsewhere. */
function importsOf(file: string, seen: Map<string, readonly string[]>): typeof seen {
  if (seen.has(file)) return seen
  const text = readFileSync(file, 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\b[^'"]*?["']([^"']+)["'];?$/gm)].map(
    ([, from = '']) => from,
  )
  seen.set(file, found)
  for (const from of found)
    if (from.startsWith('.')) importsOf(path.join(path.dirname(file), from), seen)
  return seen
}

test.for(['index.js', 'provider.js'])(
  'what is published as %s runs wherever the Web’s APIs are',
  (entry, { skip }) => {
    if (!process.env['HARNEXT_BUILT']) skip('needs what was just built (HARNEXT_BUILT)')
    const files = importsOf(path.join(dist, entry), new Map())
    expect(files.size).toBeGreaterThan(1)
    expect([...files.values()].flat().filter((from) => !from.startsWith('.'))).toEqual([])
  },
)
