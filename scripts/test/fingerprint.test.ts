import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint, Stamp } from '../fingerprint.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'harnext-fingerprint-'))
  mkdirSync(path.join(root, 'src/deep'), { recursive: true })
  write('src/a.ts', 'a')
  write('src/deep/b.ts', 'b')
  write('package.json', '{}')
})

afterEach(() => rmSync(root, { recursive: true }))

function write(file: string, content: string): void {
  writeFileSync(path.join(root, file), content)
}

describe('fingerprint', () => {
  const take = (): string => fingerprint(root, ['src', 'package.json', 'absent'])

  it('stays when only times change', () => {
    const before = take()
    utimesSync(path.join(root, 'src/a.ts'), 1, 1)
    expect(take()).toBe(before)
  })

  it('changes with content of the same size and time', () => {
    const before = take()
    write('src/a.ts', 'x')
    utimesSync(path.join(root, 'src/a.ts'), 1, 1)
    expect(take()).not.toBe(before)
  })

  it.each([
    ['a new file', () => write('src/deep/c.ts', '')],
    ['a file that is gone', () => rmSync(path.join(root, 'src/deep/b.ts'))],
    ['a file that was absent', () => write('absent', '')],
    [
      'content that moved to the next file',
      () => (write('src/a.ts', 'ab'), write('src/deep/b.ts', '')),
    ],
  ])('changes with %s', (_, change) => {
    const before = take()
    change()
    expect(take()).not.toBe(before)
  })

  it('does not see what it was not told to read', () => {
    const before = take()
    write('other.json', '1')
    expect(take()).toBe(before)
  })

  it('does not depend on the place', () => {
    expect(fingerprint(path.join(root, 'src'), ['a.ts'])).not.toBe(fingerprint(root, ['src/a.ts']))
    const copy = mkdtempSync(path.join(tmpdir(), 'harnext-copy-'))
    writeFileSync(path.join(copy, 'a.ts'), 'a')
    expect(fingerprint(copy, ['a.ts'])).toBe(fingerprint(path.join(root, 'src'), ['a.ts']))
    rmSync(copy, { recursive: true })
  })
})

describe('Stamp', () => {
  it('reads what was written, and nothing before and after', () => {
    const stamp = new Stamp(path.join(root, 'new/folder/stamp'))
    expect(stamp.read()).toBeUndefined()
    stamp.remove()
    stamp.write('value')
    expect(stamp.read()).toBe('value')
    stamp.remove()
    expect(stamp.read()).toBeUndefined()
  })
})
