import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { memoryStore, type SessionStore } from '../../src/index.ts'
import { auditedStore, auditFile, verifyAudit } from '../../src/node.ts'
import { call } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'harnext-audit-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const tools = [
  stub('look', () => 'seen'),
  stub('send', () => 'sent', { effects: () => [{ kind: 'network', target: 'example.org' }] }),
]

/** A run that pauses for an answer, and goes on in what could be another process. */
async function audited(): Promise<{
  readonly file: string
  readonly folder: string
  readonly store: SessionStore
  readonly plain: SessionStore
}> {
  const to = await folder()
  const plain = memoryStore()
  const store = auditedStore(plain, { folder: to })
  const session = 'sess_1'
  const first = agentOf([[call('1', 'look'), call('2', 'send', { secret: 'hunter2' })]], {
    store,
    tools,
    onPermission: () => 'defer',
  })
  const paused = await first.agent.run([], 'go', { session }).result
  expect(paused.stopReason).toBe('paused')
  const again = agentOf([[call('3', 'send')], 'done'], {
    store: auditedStore(plain, { folder: to }),
    tools,
    onPermission: ({ id }) => id === '2',
  })
  const ended = await again.agent.resume(session).result
  expect(ended.stopReason).toBe('complete')
  return { file: auditFile(to, session), folder: to, store, plain }
}

test('a session that has a chain goes on with it where no new ones are kept, and another one gets none', async () => {
  const { file, folder: to, plain } = await audited()
  const store = auditedStore(plain, { folder: to, onlyBegun: true })
  const { agent } = agentOf([[call('4', 'look')], 'done', 'hello'], { store, tools })
  await agent.run([], 'and on', { session: 'sess_1' }).result
  await agent.run([], 'hi', { session: 'sess_2' }).result
  const report = await verifyAudit(file, { store: plain })
  expect(report).not.toHaveProperty('problem')
  expect(await readFile(file, 'utf8')).toContain('"id":"4"')
  expect(await readdir(to)).toEqual([path.basename(file)])
})

test('it holds what was decided and done, over a resume, and none of the arguments', async () => {
  const { file, folder: to, plain } = await audited()
  const text = await readFile(file, 'utf8')
  const entries = text
    .trimEnd()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { type: string; id?: string; decision?: string; by?: string },
    )
  expect(entries.map(({ type, id, decision, by }) => [type, id, decision, by])).toEqual([
    ['run_start', undefined, undefined, undefined],
    ['permission_decision', '1', 'allow', 'engine'],
    ['permission_request', '2', undefined, undefined],
    ['tool_start', '1', undefined, undefined],
    ['tool_result', '1', undefined, undefined],
    ['run_end', undefined, undefined, undefined],
    ['run_resumed', undefined, undefined, undefined],
    ['permission_request', '2', undefined, undefined],
    ['permission_decision', '2', 'allow', 'user'],
    ['tool_start', '2', undefined, undefined],
    ['tool_result', '2', undefined, undefined],
    ['permission_request', '3', undefined, undefined],
    ['permission_decision', '3', 'deny', 'user'],
    ['tool_result', '3', undefined, undefined],
    ['run_end', undefined, undefined, undefined],
  ])
  expect(text).not.toContain('hunter2')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(to)).toEqual(['sess_1.jsonl'])
  const report = await verifyAudit(file, { store: plain })
  expect(report).toMatchObject({ lines: entries.length, tornBytes: 0 })
  expect('problem' in report).toBe(false)
})

test('whatever line is changed, removed, doubled or moved, it shows', async () => {
  const { file, plain } = await audited()
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const at = fc.nat(lines.length - 1)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('change', 'remove', 'double', 'swap'),
      at,
      at,
      fc.nat(),
      async (how, index, other, where) => {
        const bad = [...lines]
        const line = bad[index] ?? ''
        if (how === 'change') {
          const spot = where % line.length
          const was = line.charCodeAt(spot)
          bad[index] =
            `${line.slice(0, spot)}${String.fromCharCode(was === 120 ? 121 : 120)}${line.slice(spot + 1)}`
        } else if (how === 'remove') bad.splice(index, 1)
        else if (how === 'double') bad.splice(other, 0, line)
        else {
          fc.pre(index !== other)
          bad[index] = bad[other] ?? ''
          bad[other] = line
        }
        await writeFile(file, `${bad.join('\n')}\n`)
        const { problem } = await verifyAudit(file, { store: plain })
        expect(problem, `${how} ${index}`).toBeDefined()
      },
    ),
    { numRuns: 200, seed: 11 },
  )
})

test('an end that was cut off is missed by the log of the session', async () => {
  const { file, plain } = await audited()
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  await writeFile(file, `${lines.slice(0, -2).join('\n')}\n`)
  expect((await verifyAudit(file)).problem).toBeUndefined()
  expect((await verifyAudit(file, { store: plain })).problem?.message).toMatch(
    /record \d+ \(tool_result\)/,
  )
})

test('an audit that was emptied is missed, and a log that was cut off is told of', async () => {
  const { file, plain } = await audited()
  const text = await readFile(file, 'utf8')
  expect(await verifyAudit(file, { store: plain })).toMatchObject({ lost: 0 })
  await writeFile(file, '')
  expect((await verifyAudit(file, { store: plain })).problem).toMatchObject({
    line: 1,
    message: expect.stringContaining('(run_start) that the audit lacks'),
  })
  await writeFile(file, text)
  const { header, records } = await plain.read('sess_1')
  const cut = memoryStore()
  await cut.create(header)
  const { fence } = await cut.lease('sess_1', 'test')
  await cut.append('sess_1', records.slice(0, -6), { expectedSeq: 0, fence })
  const report = await verifyAudit(file, { store: cut })
  expect(report.problem).toBeUndefined()
  expect(report.lost).toBe(1)
})

test('an audit that holds nothing is a problem, unless the log of its session has nothing either', async () => {
  const { file, plain } = await audited()
  await writeFile(file, '')
  const nothing = { line: 1, message: expect.stringContaining('it holds nothing') }
  expect((await verifyAudit(file)).problem).toEqual(nothing)
  expect((await verifyAudit(file, { store: memoryStore() })).problem).toEqual(nothing)
  await writeFile(file, '{"n":1')
  expect(await verifyAudit(file)).toMatchObject({ problem: nothing, tornBytes: 6 })
  await writeFile(file, '')
  const { header } = await plain.read('sess_1')
  const begun = memoryStore()
  await begun.create(header)
  expect((await verifyAudit(file, { store: begun })).problem).toBeUndefined()
})

test('a broken audit stops the session from being written; a torn end is moved aside', async () => {
  const { file, folder: to, store } = await audited()
  const text = await readFile(file, 'utf8')
  await writeFile(file, `${text}{"n":16,"ses`)
  expect((await verifyAudit(file)).tornBytes).toBe(12)
  const more = await agentOf(['more'], { store }).agent.run([], 'on', { session: 'sess_1' }).result
  expect(more.stopReason).toBe('complete')
  expect((await verifyAudit(file)).lines).toBe(17)
  expect((await readdir(to)).toSorted()).toEqual(['sess_1.jsonl', 'sess_1.jsonl.torn-15'])
  await writeFile(file, (await readFile(file, 'utf8')).replace('"deny"', '"allow"'))
  const { agent, adapter } = agentOf(['never'], { store })
  const refused = await agent.run([], 'on', { session: 'sess_1' }).result
  expect([refused.stopReason, refused.error?.code]).toEqual(['error', 'audit_broken'])
  expect(adapter.requests).toHaveLength(0)
})
