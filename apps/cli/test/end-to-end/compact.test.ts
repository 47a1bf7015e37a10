import { expect, test, vi } from 'vitest'
import { fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'

vi.setConfig({ testTimeout: 60_000 })

test('/compact shortens the session that is named, with an eye on what is said', async () => {
  const place = await makePlace()
  const long = 'word '.repeat(6000)
  const { url, requests } = await fixtureServer([
    says(long),
    says(long),
    says('The summary.'),
    says('Gone on.'),
  ])
  const run = (...args: string[]) => harnext(['-p', ...args], { place, url })
  await run('Begin')
  await run('-c', 'Go on')
  const done = await run('-c', '/compact the gaps')
  expect(done).toMatchObject({ code: 0, stderr: '' })
  expect(done.stdout).toMatch(/^Shortened session sess_\w+ from about \d+ to \d+ tokens\.\n$/)
  expect(JSON.stringify(requests[2]?.body)).toContain('above all to: the gaps')
  expect(await run('-c', 'And now?')).toMatchObject({ code: 0, stdout: 'Gone on.\n' })
  const sent = JSON.stringify(requests[3]?.body.messages)
  expect(sent).toContain('The summary.')
  expect(sent).toContain('The user said:\\nBegin')
  expect(sent.length).toBeLessThan(long.length * 1.5)
  const alone = await run('/compact')
  expect(alone).toMatchObject({ code: 2, stdout: '' })
  expect(alone.stderr).toContain('--continue or --resume')
})
