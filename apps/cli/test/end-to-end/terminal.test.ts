import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { bash, fixtureServer, outcomeIn, says } from '../fixture-server.ts'
import { makePlace } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'
import { processesWith, uniqueSleep } from '../processes.ts'
import { hasTmux, openTerminal } from '../terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

describe.skipIf(!hasTmux)('on a terminal', () => {
  test('yes, always for exactly this, and no', async () => {
    const place = await makePlace()
    const { url, requests } = await fixtureServer([
      says('Once.', bash('toolu_1', 'X=1 echo once')),
      says('Often.', bash('toolu_2', 'echo often > a.txt')),
      says('Again.', bash('toolu_3', 'echo often > a.txt'), bash('toolu_4', 'echo often > b.txt')),
      says('Done.'),
      says('On.'),
    ])
    const terminal = await openTerminal(['go'], { place, url })
    await terminal.shows(
      /Allow bash X=1 echo once\? \(.*manual mode.*\) \[y\]es, \[a\]lways exactly this, \[n\]o:$/,
    )
    expect(terminal.screen()).toContain('manual mode\nOnce.\nAllow')
    terminal.press('y', 'Enter')
    await terminal.shows(/Allow bash echo often > a\.txt\?.* \[n\]o:$/)
    terminal.press('maybe', 'Enter')
    await terminal.shows(/\ny, a or n:$/)
    terminal.press('a', 'Enter')
    await terminal.shows(/Allow bash echo often > b\.txt\?.* \[n\]o:$/)
    terminal.press('n', 'Enter')
    const screen = await terminal.shows('exit 7')
    expect(screen.match(/^Allow bash/gm)).toHaveLength(3)
    expect(screen).toMatch(/^ {2}denied bash echo often > b\.txt: \[user\b.*declined/m)
    expect(screen).toContain('\nDone.\n4 turns,')
    for (const id of ['toolu_1', 'toolu_2', 'toolu_3'])
      expect(outcomeIn(requests.at(-1)!, id)).toMatchObject({ isError: false })
    expect(outcomeIn(requests.at(-1)!, 'toolu_4')?.text).toContain('declined')
    expect((await onlySession(place)).state).toBe('complete')
    expect(await goOn({ place, url }, 'on')).toMatchObject({ code: 0, stdout: 'On.\n' })
  })

  test('Ctrl-C at a question cancels, and says how to go on', async () => {
    const place = await makePlace()
    const { url, requests } = await fixtureServer([
      says('May I?', bash('toolu_1', 'X=1 echo a')),
      says('Done.'),
    ])
    const terminal = await openTerminal(['go'], { place, url })
    await terminal.shows(/\[n\]o:$/)
    terminal.press('C-c')
    const screen = await terminal.shows('exit 130')
    const { id } = await onlySession(place)
    expect(screen).toContain('\nCancelling. Ctrl-C again leaves at once.\n')
    expect(screen).toContain(`\nGo on: harnext -r ${id}\nexit 130`)
    expect(await goOn({ place, url })).toMatchObject({ stdout: 'Done.\n' })
    expect(outcomeIn(requests[1]!, 'toolu_1')).toMatchObject({ isError: true })
  })

  test('a question that a crash left open is asked again', async () => {
    const place = await makePlace()
    const { url, requests } = await fixtureServer([
      says('May I?', bash('toolu_1', 'X=1 echo a')),
      says('Done.'),
    ])
    const task = `task ${uniqueSleep()}`
    const first = await openTerminal([task], { place, url })
    await first.shows(/\[n\]o:$/)
    for (const pid of processesWith(task)) process.kill(pid, 'SIGKILL')
    await first.shows('exit 137')
    const second = await openTerminal(['-c'], { place, url })
    await second.shows(/Allow bash X=1 echo a\?.*\[n\]o:$/)
    second.press('y', 'Enter')
    expect(await second.shows('exit 0')).toContain('Done.')
    expect(outcomeIn(requests[1]!, 'toolu_1')).toMatchObject({ isError: false })
  })

  test('without a task it says what it is for, and exits 2', async () => {
    const place = await makePlace()
    const terminal = await openTerminal([], { place })
    const screen = await terminal.shows('exit 2')
    expect(screen).toContain('harnext "fix the failing test"')
  })

  test.each([
    ['-p', ['-p', 'go'], {}],
    ['CI=true', ['go'], { CI: 'true' }],
  ])('%s asks nobody', async (_, args, env) => {
    const place = await makePlace()
    const { url } = await fixtureServer([
      says('I try.', bash('toolu_1', 'curl http://127.0.0.1:9')),
      says('Done.'),
    ])
    const terminal = await openTerminal(args, { place, url, env })
    const screen = await terminal.shows('exit 7')
    expect(screen).toContain('auto mode\n')
    expect(screen).toContain('denied bash curl')
    expect(screen).not.toContain('Allow')
  })

  test('setup asks what no option says, shows the changes, and writes on a yes alone', async () => {
    const place = await makePlace()
    const args = ['setup', '--no-labels', '--stages=plan']
    const terminal = await openTerminal(args, { place })
    await terminal.shows('Provider [anthropic]:')
    terminal.press('Enter')
    await terminal.shows('Where they run: github or self-hosted [github]:')
    terminal.press('Enter')
    await terminal.shows('Default branch [main]:')
    terminal.press('develop', 'Enter')
    await terminal.shows('squash, merge, rebase or manual [squash]:')
    terminal.press('manual', 'Enter')
    await terminal.shows('Write these files? yes or no [no]:')
    terminal.press('yes', 'Enter')
    await terminal.shows('wrote .github/workflows/stage-plan.yml')
    const file = join(place.cwd, '.github/workflows/stage-plan.yml')
    expect(await readFile(file, 'utf8')).toContain('BASE: develop')

    const again = await openTerminal([...args, '--provider=openai', '--runner=github'], { place })
    await again.shows('Default branch [main]:')
    again.press('Enter')
    await again.shows('[squash]:')
    again.press('Enter')
    await again.shows('yes or no [no]:')
    again.press('Enter')
    await again.shows('Nothing was changed.')
    expect(await readFile(file, 'utf8')).toContain('BASE: develop')
  })
})
