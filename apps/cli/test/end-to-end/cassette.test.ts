import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'

vi.setConfig({ testTimeout: 60_000 })

test('a run is recorded, and replayed in another folder without a server', async () => {
  const first = await makePlace()
  const command = 'echo here > here.txt && pwd'
  const { url, requests } = await fixtureServer([
    says('I write.', bash('toolu_1', command)),
    says('Written.'),
  ])
  const recorded = await harnext(['-p', 'write', '--record', 'run.jsonl'], { place: first, url })
  expect(recorded).toMatchObject({ code: 0, stdout: 'I write.\nWritten.\n' })
  expect(requests).toHaveLength(2)
  const cassette = join(first.cwd, 'run.jsonl')
  const text = await readFile(cassette, 'utf8')
  expect(text).toContain('<cwd>')
  expect(text).not.toContain(first.cwd)
  expect(text).not.toContain('key-of-the-test')

  const second = await makePlace()
  const replayed = await harnext(['-p', 'write', '--replay', cassette], { place: second })
  expect(replayed).toMatchObject({ code: 0, stdout: recorded.stdout })
  expect(await readFile(join(second.cwd, 'here.txt'), 'utf8')).toBe('here\n')

  const other = await harnext(['-p', 'write more', '--replay', cassette], { place: second })
  expect(other.code).toBe(1)
  expect(other.stderr).toContain(
    'messages[0].content[0].text: recorded "write", asked "write more"',
  )
})

test('what is no cassette, and both at once, is wrong use', async () => {
  const place = await makePlace()
  const none = await harnext(['-p', 'go', '--replay', 'none.jsonl'], { place })
  expect(none).toMatchObject({ code: 2, stdout: '' })
  expect(none.stderr).toContain('none.jsonl cannot be read')
  const both = await harnext(['-p', 'go', '--replay', 'a', '--record', 'b'], { place })
  expect(both.code).toBe(2)
})
