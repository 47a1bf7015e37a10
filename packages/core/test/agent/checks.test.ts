import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  ConfigError,
  loadSession,
  memoryStore,
  type AgentOptions,
  type Check,
  type ProviderAdapter,
  type RunEvent,
} from '../../src/index.ts'
import { localWorkspace } from '../../src/node.ts'
import { call, collect, type ScriptedStep } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(path.join(tmpdir(), 'harnext-checks-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A tool that repairs what the check looks at. */
const repair = (cwd: string) =>
  stub(
    'repair',
    async () => {
      await writeFile(path.join(cwd, 'state'), 'good\n')
      return 'repaired'
    },
    { recovery: 'rerun' },
  )

async function checked(
  steps: readonly ScriptedStep[],
  checks: readonly Check[],
  options: Partial<AgentOptions> = {},
) {
  const cwd = await folder()
  await writeFile(path.join(cwd, 'state'), 'bad\n')
  const { agent, adapter } = agentOf(steps, {
    workspace: localWorkspace({ roots: [cwd] }),
    tools: [repair(cwd)],
    checks,
    ...options,
  })
  const run = agent.run([], 'Make it good.')
  const events = await collect(run)
  return { cwd, agent, adapter, events, result: await run.result }
}

test('a run whose checks hold is verified, with what they said', async () => {
  const { result, events, adapter } = await checked(
    ['Done.'],
    ['echo fine', { run: 'exit 3', expect: 3 }, { run: 'cat state', expect: 'bad' }],
  )
  expect([result.stopReason, result.verification, result.text]).toEqual([
    'complete',
    'passed',
    'Done.',
  ])
  expect(result.checks).toEqual([
    { check: 'echo fine', status: 'passed', exitCode: 0, output: 'Exit code 0.\n\nfine' },
    { check: 'exit 3', status: 'passed', exitCode: 3, output: 'Exit code 3.' },
    { check: 'cat state', status: 'passed', exitCode: 0, output: 'Exit code 0.\n\nbad' },
  ])
  expect(ofType(events, 'verification')).toHaveLength(1)
  expect(adapter.requests).toHaveLength(1)
  expect([result.turns, result.toolCalls, result.usage.outputTokens]).toEqual([1, 0, 5])
  expect(ofType(events, 'run_end')[0]?.result).toEqual(result)
})

test('the model hears what failed, and goes on until it holds', async () => {
  const { result, events, adapter } = await checked(
    ['Done.', [call('1', 'repair')], 'Now it is.'],
    ['grep good state || { echo it is not good; exit 4; }'],
  )
  expect([result.verification, result.turns, result.text]).toEqual(['passed', 3, 'Now it is.'])
  const told = JSON.stringify(adapter.requests[1]?.messages.at(-1))
  expect(told).toContain('it is not good')
  expect(told).toContain('Exit code 4')
  expect(
    ofType(events, 'verification').map(({ round, verification }) => [round, verification]),
  ).toEqual([
    [1, 'failed'],
    [2, 'passed'],
  ])
})

test('who never gets it right is stopped after so many rounds, and it is said', async () => {
  const { result, events, adapter } = await checked(
    ['Done.', 'Done now.', 'Really done.'],
    ['grep -q good state'],
    { maxCheckRounds: 2 },
  )
  expect([result.stopReason, result.verification]).toEqual(['complete', 'failed'])
  expect(result.checks?.[0]).toMatchObject({ status: 'failed', exitCode: 1 })
  expect(adapter.requests).toHaveLength(3)
  expect(ofType(events, 'verification')).toHaveLength(3)
})

test('a run that ends before its answer could be checked is unverified', async () => {
  const turns = await checked(['Done.', [call('1', 'repair')]], ['grep -q good state'], {
    maxTurns: 2,
  })
  expect([turns.result.stopReason, turns.result.verification]).toEqual(['max_turns', 'unverified'])
  expect(turns.result.checks).toHaveLength(1)
  const { result } = await checked([new Error('gone')], ['true'], { maxRetries: 0 })
  expect([result.stopReason, result.verification, result.checks]).toEqual([
    'error',
    'unverified',
    [],
  ])
  const { result: plain } = await checked(['Done.'], [])
  expect('verification' in plain).toBe(false)
})

test('a check passes the permission engine like a command of the model', async () => {
  const denied = await checked(['Done.'], ['touch made'], {
    rules: [{ tool: 'bash', pattern: 'touch made', decision: 'deny' }],
  })
  expect(denied.result.verification).toBe('unverified')
  expect(denied.result.checks).toMatchObject([{ check: 'touch made', status: 'denied' }])
  const plan = await checked(['Done.'], ['touch made'], { permissionMode: 'plan' })
  expect(plan.result.checks).toMatchObject([{ status: 'denied' }])
  await expect(readFile(path.join(plan.cwd, 'made'))).rejects.toThrow('ENOENT')
  const asked: string[] = []
  const allowed = await checked(['Done.'], ['touch made'], {
    permissionMode: 'manual',
    onPermission: ({ tool, args }) => (asked.push(`${tool} ${JSON.stringify(args)}`), true),
  })
  expect(allowed.result.verification).toBe('passed')
  expect(asked).toHaveLength(1)
  expect(asked[0]).toContain('touch made')
  const later = await checked(['Done.'], ['touch made'], {
    permissionMode: 'manual',
    onPermission: () => 'defer',
  })
  expect([later.result.stopReason, later.result.verification]).toEqual(['complete', 'unverified'])
})

test('functions are checks: false, a text and a throw say that it does not hold', async () => {
  const isGood: Check = async ({ workspace }) =>
    new TextDecoder().decode(await workspace.readFile('state')).includes('good')
  const { result } = await checked(
    ['Done.', [call('1', 'repair')], 'Done.'],
    [
      isGood,
      function hasAnswer({ messages }) {
        return messages.length > 4 ? true : 'too short'
      },
      ({ messages }) => {
        if (messages.length < 4) throw new Error('far too short')
      },
    ],
  )
  expect(result.verification).toBe('passed')
  expect(result.checks?.map(({ check, status }) => `${check}: ${status}`)).toEqual([
    'isGood: passed',
    'hasAnswer: passed',
    'check 3: passed',
  ])
})

test('no budget is spent by checks, and none that is used up keeps them from running', async () => {
  const { result } = await checked(['Done.'], ['true', 'true'], {
    budget: { maxCostUsd: 1, maxTokens: 50_000, maxToolCalls: 1 },
    price: () => ({ input: 1, output: 1, cacheRead: 1, cacheWrite: 1 }),
    maxOutputTokens: 1000,
  })
  expect([result.stopReason, result.verification]).toEqual(['complete', 'passed'])
})

test('a command that takes too long has failed; cancelling ends it', async () => {
  const { result } = await checked(['Done.', 'Done.'], [{ run: 'sleep 60', timeout: 100 }], {
    maxCheckRounds: 1,
  })
  expect(result.checks).toMatchObject([{ status: 'failed', output: 'Timed out after 0.1 s.' }])
  const cwd = await folder()
  const { agent } = agentOf(['Done.'], {
    workspace: localWorkspace({ roots: [cwd] }),
    checks: ['sleep 60'],
    subagents: true,
  })
  const run = agent.run([], 'go')
  const seen: RunEvent[] = []
  for await (const event of run) {
    seen.push(event)
    if (event.type === 'process') run.cancel()
  }
  const { stopReason, verification } = await run.result
  expect([stopReason, verification]).toEqual(['cancelled', 'unverified'])
  const { pid = 0 } = ofType(seen, 'process')[0] ?? {}
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('cut anywhere, a log goes on to the same end, and no check that is on record runs twice', async () => {
  const adapter: ProviderAdapter = {
    id: 'two-rounds',
    api: 'two-rounds.test',
    async *stream({ messages }) {
      const said = messages.filter(({ role }) => role === 'assistant').length
      if (said === 1) {
        yield { type: 'part', part: call('1', 'repair') }
        yield { type: 'finish', stopReason: 'tool_calls', usage: null }
        return
      }
      yield { type: 'part', part: { type: 'text', text: said ? 'Now it is.' : 'Done.' } }
      yield { type: 'finish', stopReason: 'stop', usage: null }
    },
  }
  const checks = ['echo ran >> count; grep -q good state']
  const store = memoryStore()
  const { result } = await checked([], checks, { adapter, store })
  expect(result.verification).toBe('passed')
  const whole = await loadSession(store, result.sessionId)
  for (let cut = 3; cut < whole.records.length; cut++) {
    const part = memoryStore()
    await part.create(whole.header)
    const lease = await part.lease(whole.header.id, 'test')
    const records = whole.records.slice(0, cut)
    await part.append(whole.header.id, records, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
    const cwd = await folder()
    const done = records.filter(
      ({ type, agentPath }) => type === 'tool_result' && agentPath !== undefined,
    ).length
    const repaired = records.some((record) => record.type === 'tool_result' && !record['agentPath'])
    await writeFile(path.join(cwd, 'state'), repaired ? 'good\n' : 'bad\n')
    const { agent } = agentOf([], {
      adapter,
      store: part,
      checks,
      workspace: localWorkspace({ roots: [cwd] }),
      tools: [repair(cwd)],
    })
    const again = await agent.resume(whole.header.id).result
    expect([cut, again.stopReason, again.verification]).toEqual([cut, 'complete', 'passed'])
    const ran = await readFile(path.join(cwd, 'count'), 'utf8').catch(() => '')
    expect(ran.split('\n').length - 1, `cut ${cut}`).toBe(2 - done)
    expect(again.messages.length).toBe(result.messages.length)
  }
})

test('what is no check is a ConfigError', () => {
  for (const wrong of ['', {}, { run: '' }, { run: 'x', expect: 1.5 }, { run: 'x', timeout: 0 }, 7])
    expect(() => agentOf([], { checks: [wrong as Check] }).agent).toThrow(ConfigError)
})
