import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import {
  bash,
  begin,
  end,
  fixtureServer,
  outcomeIn,
  says,
  textBlock,
  type Call,
} from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

const read = (id: string, path: string): Call => ({ id, name: 'read', input: { path } })

test('200 calls in one turn', async () => {
  const place = await makePlace()
  await writeFile(join(place.cwd, 'a.txt'), 'text of a\n')
  const ids = Array.from({ length: 200 }, (_, index) => `toolu_${index}`)
  const { url, requests } = await fixtureServer([
    says('All at once.', ...ids.map((id) => read(id, 'a.txt'))),
    says('Done.'),
    says('On.'),
  ])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 0, stdout: 'All at once.\nDone.\n' })
  expect(run.stderr.match(/^ {2}ok read a\.txt/gm)).toHaveLength(200)
  for (const id of ids) expect(outcomeIn(requests[1]!, id)?.text).toContain('text of a')
  const session = await onlySession(place)
  expect(session.text.match(/^> read a\.txt$/gm)).toHaveLength(200)
  expect(session.state).toBe('complete')
  expect(await goOn({ place, url }, 'on')).toMatchObject({ code: 0, stdout: 'On.\n' })
})

test('10 MB from one tool: the model gets the ends, the terminal one line, the session still shows', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([
    says('Much.', bash('toolu_1', 'echo first; yes harnext | head -c 10000000; echo last')),
    says('Done.'),
    says('On.'),
  ])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 0, stdout: 'Much.\nDone.\n' })
  expect(run.stderr.length).toBeLessThan(2000)
  const { text = '' } = outcomeIn(requests[1]!, 'toolu_1') ?? {}
  expect(text).toMatch(/first\n[^]*last\s*$/)
  expect(text.length).toBeLessThan(100_000)
  expect((await onlySession(place)).text.length).toBeLessThan(10_000)
  expect(await goOn({ place, url }, 'on')).toMatchObject({ code: 0, stdout: 'On.\n' })
})

test('a delta of 1 MB', async () => {
  const place = await makePlace()
  const text = 'harnext '.repeat(131_072)
  const { url, requests } = await fixtureServer([
    { body: [begin(), textBlock(0, text), end(false)] },
    says('On.'),
  ])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run.code).toBe(0)
  expect(run.stdout === `${text}\n`).toBe(true)
  expect((await onlySession(place)).text).toContain(text.trimEnd())
  expect(await goOn({ place, url }, 'on')).toMatchObject({ code: 0, stdout: 'On.\n' })
  expect(JSON.stringify(requests[1]?.body.messages)).toContain(text)
})

test('files that cannot be read as they are: too large, binary, a folder, missing', async () => {
  const place = await makePlace()
  const large = await open(join(place.cwd, 'large.txt'), 'w')
  const megabyte = Buffer.from('a line of text\n'.repeat(70_000)).subarray(0, 1_000_000)
  for (let count = 0; count < 100; count++) await large.write(megabyte)
  await large.close()
  await writeFile(join(place.cwd, 'binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]))
  await writeFile(join(place.cwd, 'secret'), 'x', { mode: 0o000 })
  const isRoot = process.getuid?.() === 0
  if (isRoot)
    console.log('Run by root, who may read everything: a file without permission is not tested.')
  const { url, requests } = await fixtureServer([
    says(
      'I read.',
      read('toolu_1', 'large.txt'),
      read('toolu_2', 'binary'),
      read('toolu_3', '.'),
      read('toolu_4', 'missing.txt'),
      ...(isRoot ? [] : [read('toolu_5', 'secret')]),
    ),
    says('Done.'),
    says('On.'),
  ])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 0, stdout: 'I read.\nDone.\n' })
  const outcome = (id: string) => outcomeIn(requests[1]!, id)
  expect(outcome('toolu_1')).toMatchObject({
    isError: false,
    text: expect.stringMatching(/^ +1\ta line of text\n[^]*read on with offset 2001/),
  })
  expect(outcome('toolu_2')).toMatchObject({
    isError: true,
    text: expect.stringContaining('binary is not text'),
  })
  expect(outcome('toolu_3')).toMatchObject({
    isError: true,
    text: expect.stringContaining('is a folder'),
  })
  expect(outcome('toolu_4')).toMatchObject({
    isError: true,
    text: expect.stringContaining('missing.txt'),
  })
  if (!isRoot)
    expect(outcome('toolu_5')).toMatchObject({
      isError: true,
      text: expect.stringContaining('no permission to read'),
    })
  expect(run.stderr).toMatch(/^ {2}error read binary .*\n {4}binary is not text/m)
  expect((await onlySession(place)).state).toBe('complete')
  expect(await goOn({ place, url }, 'on')).toMatchObject({ code: 0, stdout: 'On.\n' })
})
