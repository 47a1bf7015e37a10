import { execFileSync } from 'node:child_process'
import { truncate, writeFile, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { fixtureServer, says } from '../fixture-server.ts'
import { ownProgram, harnext, makePlace, type Place } from '../harnext-process.ts'
import { look, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

async function oddPlace(): Promise<Place> {
  const place = await makePlace()
  const at = (name: string) => join(place.cwd, name)
  await mkdir(at('folder'))
  execFileSync('mkfifo', [at('pipe')])
  await writeFile(at('sparse'), '')
  await truncate(at('sparse'), 1_000_000_000)
  await writeFile(at('bytes'), Buffer.from([0xff, 0xfe, 0, 1]))
  await writeFile(at('empty'), '')
  await symlink('nowhere', at('broken'))
  return place
}

const odd = ['folder', 'pipe', 'sparse', 'bytes', 'empty', 'broken']

/** What is said of each of the files, without its name. */
async function refusals(args: readonly string[], files: readonly string[]): Promise<string[]> {
  const place = await oddPlace()
  const said: string[] = []
  for (const file of files) {
    const { code, stderr } = await look([...args, file], place)
    said.push(`${code} ${stderr.replaceAll(new RegExp(`\\S*${file}\\S*`, 'g'), 'FILE')}`)
  }
  return said
}

test.each(['--output-schema', '--mcp-config', '--replay'])(
  '%s says in one line what is wrong with a file',
  async (option) => {
    for (const said of await refusals(['-p', 'hi', option], odd))
      expect(said).toMatch(/^2 harnext: .*FILE.*\n$/)
  },
)

test('audit verify says in one line what cannot be an audit', async () => {
  const said = await refusals(['audit', 'verify'], ['folder', 'pipe', 'sparse', 'broken'])
  for (const line of said) expect(line).toMatch(/^2 harnext: .*FILE.*\n$/)
})

test.each(['--record', '--summary'])('%s refuses what cannot be written', async (option) => {
  const place = await oddPlace()
  for (const file of ['folder', 'pipe']) {
    const { code, stderr } = await look(['-p', 'hi', option, file], place)
    expect([file, code]).toEqual([file, 2])
    expect(stderr).toMatch(
      new RegExp(`^harnext: ${option} needs a file that can be written: .*\\n$`),
    )
  }
})

test('a full disk behind standard output is told in one line, and the session is kept', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('Much.'), says('On.')])
  const [node = '', ...args] = ownProgram
  const program = ['/bin/sh', '-c', 'exec "$0" "$@" > /dev/full', node, ...args]
  const { code, stderr } = await harnext(['-p', 'go'], { place, url, program })
  expect(code).toBe(1)
  expect(stderr).toMatch(/\nharnext: standard output cannot be written: ENOSPC: .*\n$/)
  expect(stderr).not.toMatch(/^ +at /m)
  expect((await onlySession(place)).messages).toHaveLength(2)
})

test('more than 10 MB on standard input are refused', async () => {
  const place = await makePlace()
  const { code, stderr } = await harnext(['-p'], { place, input: 'y\n'.repeat(6_000_000) })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^harnext: Standard input holds more than 10 MB, .*\n$/)
})

test('a line without an end is not read on', async () => {
  const place = await makePlace()
  const driven = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json']
  const { code, stderr } = await harnext(driven, { place, input: 'x'.repeat(100_000_001) })
  expect(code).toBe(2)
  expect(stderr).toContain('standard input, line 1: it has more than 100 MB')
})
