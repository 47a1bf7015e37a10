import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, outcomeIn, says } from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

test('the turn limit exits 8, and a higher one goes on', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.', bash('toolu_1', 'echo a')), says('Two.')])
  const run = await harnext(['-p', 'go', '--max-turns', '1'], { place, url })
  expect(run.code).toBe(8)
  const session = await onlySession(place)
  expect(run.stderr).toContain(
    'error: The run reached its limit of 1 turns before the model was done.\n',
  )
  expect(run.stderr).toContain(`Go on with a higher --max-turns: harnext -r ${session.id}\n`)
  expect(session).toMatchObject({ state: 'open', stopReason: 'max_turns' })
  expect(session.text).toContain('open (max_turns)')
  expect(await goOn({ place, url }, '--max-turns', '1')).toMatchObject({ code: 8 })
  expect(await goOn({ place, url }, '--max-turns', '2')).toMatchObject({
    code: 0,
    stdout: 'Two.\n',
  })
})

test('a budget exits 9 before it is spent, and a higher one goes on', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([says('One.'), says('Two.')])
  const run = await harnext(['-p', 'go', '--max-cost', '0.0001'], { place, url })
  expect(run).toMatchObject({ code: 9, stdout: '' })
  expect(requests).toHaveLength(0)
  expect(run.stderr).toContain(
    'error: The budget has no room for another model call: 0 of 0.0001 US dollars used',
  )
  expect(run.stderr).toContain('budget after 0 turns, 0 tokens, $0.0000')
  expect((await onlySession(place)).stopReason).toBe('budget')
  expect(await goOn({ place, url }, '--max-cost', '1')).toMatchObject({ code: 0, stdout: 'One.\n' })
})

test('tokens and seconds are limits, too', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([says('One.', bash('toolu_1', 'sleep 60'))])
  const few = await harnext(['-p', 'go', '--max-tokens', '100'], { place, url })
  expect(few).toMatchObject({ code: 9, stdout: '' })
  expect(requests).toHaveLength(0)
  const short = await harnext(['-p', 'go', '--max-duration', '2.5'], { place, url })
  expect(short.code).toBe(9)
  expect(short.stderr).toContain('The run took longer than its budget of 2500 ms.')
})

test('what --check names must succeed, or the model goes on; what never does exits 1', async () => {
  const place = await makePlace()
  const script = [
    says('It is done.'),
    says('I make it.', bash('toolu_1', 'echo good > made')),
    says('Now it is done.'),
  ]
  const { url, requests } = await fixtureServer(script)
  const flags = ['--check', 'grep good made', '--check', 'true']
  const run = await harnext(['-p', 'go', ...flags], { place, url })
  expect(run).toMatchObject({ code: 0 })
  expect(run.stderr).toMatch(/checks: failed\n {2}failed grep good made\n.*\n {2}ok true\n/s)
  expect(run.stderr).toContain('checks: passed\n')
  expect(JSON.stringify(requests[1])).toContain('this does not hold yet')
  const never = await fixtureServer(Array.from({ length: 4 }, () => says('It is done.')))
  const failed = await harnext(['-p', 'go', '--check', 'exit 5', '--output-format', 'json'], {
    place: await makePlace(),
    url: never.url,
  })
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({
    verification: 'failed',
    checks: [{ check: 'exit 5', status: 'failed', exitCode: 5 }],
  })
  expect(never.requests).toHaveLength(4)
})

test('a cost limit on a model without a price exits 2; without the limit its cost is unknown', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.')])
  const model = ['-m', 'anthropic/claude-unheard-of']
  const refused = await harnext(['-p', 'go', ...model, '--max-cost', '1'], { place, url })
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain(
    'No price is known for anthropic/claude-unheard-of, so --max-cost cannot be kept.',
  )
  const run = await harnext(['-p', 'go', ...model], { place, url })
  expect(run.code).toBe(0)
  expect(run.stderr).toContain('1 turn, 1,050 tokens, cost unknown, session')
  expect((await onlySession(place)).text).toContain('complete; 1,050 tokens, cost unknown')
})

test('a denied call exits 7 and says by which rule; with the rule that would permit it the work goes on', async () => {
  const place = await makePlace()
  const script = [
    says('I try.', bash('toolu_1', 'echo never'), bash('toolu_2', 'X=1 echo asked')),
    says('I could not.'),
    says('Again.', bash('toolu_3', 'X=1 echo asked')),
    says('Now I could.'),
  ]
  const { url, requests } = await fixtureServer(script)
  const flags = ['--permission-mode', 'manual', '--deny', 'bash(echo never)']
  const run = await harnext(['-p', 'go', ...flags], { place, url })
  expect(run).toMatchObject({ code: 7, stdout: 'I try.\nI could not.\n' })
  expect(run.stderr).toMatch(/^ {2}denied bash echo never: \[rule, bash\(echo never\)\] /m)
  expect(run.stderr).toMatch(
    /^ {2}denied bash X=1 echo asked: \[mode, (bash\(X=1 echo.*\))\] .*the rule \1 would permit it$/m,
  )
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toContain('denied')
  expect((await onlySession(place)).state).toBe('complete')
  const allowed = await goOn(
    { place, url },
    '--permission-mode',
    'manual',
    '--allow',
    'bash(X=1 echo:*)',
    'go on',
  )
  expect(allowed).toMatchObject({ code: 0, stdout: 'Again.\nNow I could.\n' })
  expect(outcomeIn(requests.at(-1)!, 'toolu_3')?.text).toContain('asked')
})

test('plan mode runs no command and writes no file', async () => {
  const place = await makePlace()
  const write = { id: 'toolu_2', name: 'write', input: { path: 'a.txt', content: 'a' } }
  const { url } = await fixtureServer([
    says('I try.', bash('toolu_1', 'touch b.txt'), write),
    says('I could not.'),
  ])
  const run = await harnext(['-p', 'go', '--permission-mode', 'plan'], { place, url })
  expect(run.code).toBe(7)
  expect(run.stderr.match(/^ {2}denied (\w+) .*\[floor\]/gm)).toHaveLength(2)
  expect(await readdir(place.cwd)).toEqual([])
})

test('--summary adds to a file, also where the run stopped at a limit', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.', bash('toolu_1', 'echo a')), says('Two.')])
  const file = join(place.home, 'summary.md')
  await writeFile(file, 'before\n')
  const args = ['-p', 'go', '--max-turns', '1', '--summary', file]
  expect((await harnext(args, { place, url })).code).toBe(8)
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^before\n### harnext: max_turns\n\n> error&#58; The run reached its limit/)
  expect(text).toMatch(/ {2}turn 1 :active, \d+, \d+\n {2}bash :done, \d+, \d+\n/)
})

test('--audit keeps a chain that audit verify reads, over a resume; a changed line exits 1', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([
    says('One.', bash('toolu_1', 'echo a')),
    says('Two.'),
    says('Three.'),
  ])
  const run = await harnext(['-p', 'go', '--audit', '--max-turns', '1'], { place, url })
  expect(run.code).toBe(8)
  const { id } = await onlySession(place)
  expect(await goOn({ place, url }, '--audit', '--max-turns', '9')).toMatchObject({ code: 0 })
  const verified = await harnext(['audit', 'verify', id, '--output-format', 'json'], { place, url })
  expect(verified.code).toBe(0)
  const { file, lines } = JSON.parse(verified.stdout) as { file: string; lines: number }
  expect(lines).toBe(7)
  const sessions = join(place.home, '.harnext', 'sessions')
  const names = await readdir(sessions, { recursive: true })
  const log = join(sessions, names.find((name) => name.endsWith('.jsonl')) ?? '')
  const records = await readFile(log, 'utf8')
  await writeFile(log, records.slice(0, -30))
  const cut = await harnext(['audit', 'verify', id], { place, url })
  expect([cut.code, cut.stdout]).toEqual([
    0,
    expect.stringMatching(
      / is intact: 7 lines, .*\n1 line of it: of records that .* log was cut off\.\n$/,
    ),
  ])
  await writeFile(log, records)
  const folder = await harnext(['audit', 'verify', '.'], { place, url })
  expect([folder.code, folder.stderr]).toEqual([2, expect.stringContaining('is a directory')])
  await writeFile(file, (await readFile(file, 'utf8')).replace('"allow"', '"deny"'))
  const broken = await harnext(['audit', 'verify', id], { place, url })
  expect(broken).toMatchObject({ code: 1 })
  expect(broken.stdout).toMatch(/is broken at line 2: this line was changed\n$/)
  await writeFile(join(place.cwd, 'empty.jsonl'), '')
  const empty = await harnext(['audit', 'verify', 'empty.jsonl'], { place, url })
  expect([empty.code, empty.stdout]).toEqual([
    1,
    expect.stringMatching(/ is broken at line 1: it holds nothing, and there is no log .*\n$/),
  ])
  const nothing = await harnext(['audit', 'verify', 'sess_000000000000'], { place, url })
  expect(nothing.code).toBe(2)
})
