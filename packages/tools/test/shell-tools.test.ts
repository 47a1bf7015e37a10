import { execFileSync } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, memoryStore, type RunEvent, type Tool } from '@harnext/core'
import { call as modelCall, collect, scripted } from '@harnext/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { removeOutput } from '../src/bash.ts'
import { shellTools } from '../src/shell-tools.ts'
import { call, longSleep, place, testSession, type Place } from './helpers.ts'

function isRunning(marker: string): boolean {
  const lines = execFileSync('ps', ['-A', '-o', 'stat=,args=']).toString().split('\n')
  return lines.some((line) => line.includes(marker) && !line.startsWith('Z'))
}

interface Opened extends Place {
  readonly tools: { readonly [name: string]: Tool }
  close(): Promise<void>
}

async function opened(files: { readonly [path: string]: string } = {}): Promise<Opened> {
  const made = await place(files)
  const { signal } = new AbortController()
  const source = await shellTools().open({ signal, workspace: made.workspace })
  onTestFinished(async () => {
    await source.close()
    removeOutput(testSession)
  })
  const tools = Object.fromEntries(source.tools.map((tool) => [tool.name, tool]))
  return { ...made, tools, close: () => source.close() }
}

async function textOf({ tools, workspace }: Opened, name: string, args: object): Promise<string> {
  const tool = tools[name]
  if (!tool) throw new Error(`no tool ${name}`)
  return (await call(tool, args as never, workspace)).text
}

/** Asks until the answer holds the text, which may be late on a busy machine; the test's own limit ends it otherwise. */
async function textWith(made: Opened, args: object, wanted: string): Promise<string> {
  for (let all = ''; ;) {
    all += await textOf(made, 'bash_output', args)
    if (all.includes(wanted)) return all
  }
}

test('a command in the background: its process is on record, its output is read bit by bit, it is ended', async () => {
  const made = await opened()
  const { tools, workspace, root } = made
  if (!tools['bash']) throw new Error('no bash')
  const command = `echo one; until [ -e go ]; do sleep 0.02; done; echo two; echo three; ${longSleep}123`
  const started = await call(tools['bash'], { command, run_in_background: true }, workspace)
  expect(started.text).toMatch(/^bash_1 runs in the background \(process \d+\)\./)
  // On a busy machine it is late.
  if (!started.text.endsWith('\n\none\n')) await textWith(made, { bash_id: 'bash_1' }, 'one\n')
  expect(started.events).toEqual([
    expect.objectContaining({ type: 'process', id: 'call_1', background: true }),
  ])
  expect(started.changesComplete).toBeUndefined()
  expect(await textOf(made, 'bash_output', { bash_id: 'bash_1' })).toMatch(
    /^\[bash_1\] running \(process \d+\) for \d+ s\n\n\(nothing new\)$/,
  )
  await writeFile(join(root, 'go'), '')
  const more = await textWith(made, { bash_id: 'bash_1' }, 'three')
  expect(more).toContain('two\n')
  expect(more).not.toContain('one')
  expect(await textOf(made, 'bash_output', { bash_id: 'bash_1', offset: 2, limit: 1 })).toMatch(
    /\n\ntwo\n\(read on with offset 3\)$/,
  )
  expect(await textOf(made, 'bash_output', { bash_id: 'bash_1', offset: 1, filter: '^t' })).toMatch(
    /\n\ntwo\nthree$/,
  )
  expect(isRunning(`${longSleep}123`)).toBe(true)
  expect(await textOf(made, 'kill_shell', { bash_id: 'bash_1' })).toBe(
    'bash_1: ended (signal SIGTERM).',
  )
  expect(isRunning(`${longSleep}123`)).toBe(false)
  expect(await textOf(made, 'kill_shell', { bash_id: 'bash_1' })).toBe(
    'bash_1 was over: ended (signal SIGTERM).',
  )
})

test('one that fails at once says so at once', async () => {
  const made = await opened()
  const args = { command: 'echo no; exit 3', run_in_background: true }
  const text = await textOf(made, 'bash', args)
  if (text.startsWith('bash_1 runs in the background')) {
    console.log('This machine is too busy to see at once how it ended.')
    await textWith(made, { bash_id: 'bash_1' }, 'exit code 3')
  } else expect(text).toBe('bash_1 is over already: exit code 3.\n\nno\n')
})

test('a timeout ends it', async () => {
  const made = await opened()
  await textOf(made, 'bash', { command: `${longSleep}456`, run_in_background: true, timeout: 300 })
  expect(await textWith(made, { bash_id: 'bash_1' }, 'ended by its timeout')).toContain('SIGTERM')
  expect(isRunning(`${longSleep}456`)).toBe(false)
})

test('what is wrong with a call is said', async () => {
  const made = await opened()
  expect(await textOf(made, 'bash_output', { bash_id: 'x' })).toBe(
    'There is no background command "x". None was started in this task.',
  )
  await textOf(made, 'bash', { command: `${longSleep}789`, run_in_background: true })
  expect(await textOf(made, 'kill_shell', { bash_id: 'bash_2' })).toContain(
    `There are: bash_1 (${longSleep}789).`,
  )
  const outcome = await textOf(made, 'bash_output', { bash_id: 'bash_1', filter: '(' })
  expect(outcome).toContain('not a regular expression')
  await made.close()
  expect(isRunning(`${longSleep}789`)).toBe(false)
})

test('only so many run at once', async () => {
  const made = await opened()
  const args = { command: `${longSleep}147`, run_in_background: true }
  const texts = await Promise.all(Array.from({ length: 17 }, () => textOf(made, 'bash', args)))
  expect(texts.filter((text) => text.includes('runs in the background')).length).toBeGreaterThan(0)
  expect(await textOf(made, 'bash', args)).toContain('16 commands run in the background already')
  await made.close()
  expect(isRunning(`${longSleep}147`)).toBe(false)
})

test('more of a long output is read with bash_output', async () => {
  const made = await opened()
  const text = await textOf(made, 'bash', { command: 'seq 1 100000' })
  expect(text).toContain('; bash_output with bash_id bash_1 reads or filters it …]')
  expect(
    await textOf(made, 'bash_output', { bash_id: 'bash_1', offset: 50_000, limit: 2 }),
  ).toMatch(/\n\n50000\n50001\n\(read on with offset 50002\)$/)
  expect(await textOf(made, 'bash_output', { bash_id: 'bash_1', filter: '^9999\\d$' })).toContain(
    '99990\n99991\n',
  )
  const many = await textOf(made, 'bash_output', { bash_id: 'bash_1', filter: '7' })
  expect(many).toContain('[the last 500 of 40951 lines that match]')
})

test('a run that ends, however it ends, leaves no process', async () => {
  const { workspace } = await place()
  const command = `${longSleep}258 & ${longSleep}258`
  const start = modelCall('1', 'bash', { command, run_in_background: true })
  const makeAgent = () =>
    new Agent({
      name: 'a',
      model: 'm',
      adapter: scripted([
        [start],
        [modelCall('2', 'bash', { command: `${longSleep}258` })],
        'Done.',
      ]),
      workspace,
      toolSources: [shellTools()],
    })
  const run = makeAgent().run([], 'go')
  onTestFinished(() => removeOutput(run.sessionId))
  for await (const event of run) {
    if (event.type !== 'tool_start' || event.id !== '2') continue
    expect(isRunning(`${longSleep}258`)).toBe(true)
    run.cancel()
  }
  expect((await run.result).cancelled).toBe(true)
  expect(isRunning(`${longSleep}258`)).toBe(false)
})

test('what a dead run left in the background is ended by the next one', async () => {
  const { workspace } = await place()
  const { sessionId, store } = await crashedRun(workspace)
  expect(isRunning(`${longSleep}369`)).toBe(true)
  const agent = new Agent({ name: 'b', model: 'm', adapter: scripted(['Hm.']), workspace, store })
  await agent.resume(sessionId).result
  expect(isRunning(`${longSleep}369`)).toBe(false)
})

/** A session whose log ends behind the start of a process that nobody ended, as after a kill. */
async function crashedRun(workspace: Place['workspace']) {
  const store = memoryStore()
  const aborter = new AbortController()
  onTestFinished(() => aborter.abort())
  const events: RunEvent[] = []
  const started = Promise.withResolvers<void>()
  void workspace
    .spawn(
      { program: 'sh', args: ['-c', `${longSleep}369`] },
      {
        signal: aborter.signal,
        onOutput: () => {},
        onStart: async (identity) => {
          events.push({ type: 'process', id: '1', ...identity, background: true })
          started.resolve()
        },
      },
    )
    .catch(() => {})
  await started.promise
  while (!isRunning(`${longSleep}369`));
  const agent = new Agent({ name: 'a', model: 'm', adapter: scripted(['Hi.']), workspace, store })
  const { sessionId } = await agent.run([], 'go').result
  const lease = await store.lease(sessionId, 'test')
  const { records } = await store.read(sessionId)
  const seq = records.at(-1)?.seq ?? 0
  const added = [
    { type: 'run_resumed' },
    ...events,
    { type: 'message', message: { role: 'user', content: [{ type: 'text', text: 'x' }] } },
  ]
  await store.append(
    sessionId,
    added.map((event, index) => ({ seq: seq + index + 1, time: 1, ...event }) as never),
    { expectedSeq: seq, fence: lease.fence, barrier: true },
  )
  await lease.release()
  return { sessionId, store }
}

test('filesChanged knows what commands did', async () => {
  const { workspace, root } = await place({ a: '1' })
  const agent = new Agent({
    name: 'a',
    model: 'm',
    adapter: scripted([[modelCall('1', 'bash', { command: 'echo 22 > a; echo > b' })], 'Done.']),
    workspace,
    toolSources: [shellTools()],
  })
  const events = await collect(agent.run([], 'go'))
  const end = events.at(-1)
  if (end?.type !== 'run_end') throw new Error('no end')
  expect(end.result).toMatchObject({ filesChanged: ['a', 'b'], filesChangedComplete: true })
  expect((await stat(join(root, 'b'))).isFile()).toBe(true)
})
