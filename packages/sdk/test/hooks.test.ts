import { execFileSync } from 'node:child_process'
import { mkdir, readFile, readdir, realpath, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  Agent,
  textOf,
  userMessage,
  type JsonObject,
  type Message,
  type RunEvent,
  type RunResult,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { readOutcome } from '../src/hook/hook-outcome.ts'
import { commandsFor } from '../src/hook/hook-settings.ts'
import { parseHooks, shellHooks } from '../src/hooks.ts'
import { ConfigError, Harnext, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

/** A client of a project whose settings hold hooks; a hook is a line for the shell, or a whole group. */
async function project(
  steps: readonly ScriptedStep[],
  hooks: { readonly [event: string]: string | readonly JsonObject[] },
  options: HarnextOptions = {},
) {
  const root = await realpath(await temporary())
  const [cwd, home] = [path.join(root, 'project'), path.join(root, 'home')]
  for (const folder of [cwd, home]) await mkdir(folder)
  await writeFile(
    path.join(cwd, 'harnext.config.json'),
    JSON.stringify({
      hooks: Object.fromEntries(
        Object.entries(hooks).map(([event, groups]) => [
          event,
          typeof groups === 'string' ? [command(groups)] : groups,
        ]),
      ),
    }),
  )
  const adapter = scripted(steps)
  const client = new Harnext({
    cwd,
    home,
    provider: adapter,
    model: 'm',
    trusted: true,
    permissionMode: 'bypass',
    env: { PATH: process.env['PATH'], SECRET_API_KEY: 'sk-1234567890abcdef' },
    ...options,
  })
  return {
    root,
    cwd,
    client,
    adapter,
    async go(input = 'Go') {
      const events = await collect(client.stream(input))
      const end = events.at(-1)
      if (end?.type !== 'run_end') throw new Error('no run_end')
      return { events, result: end.result as RunResult, warnings: warningsOf(events) }
    },
    lines: async (file: string) => {
      const text = await readFile(path.join(cwd, file), 'utf8')
      return text
        .trim()
        .split('\n')
        .map((line): JsonObject => JSON.parse(line))
    },
  }
}

function command(line: string, matcher?: string, timeout?: number): JsonObject {
  const hook = { type: 'command', command: line, ...(timeout !== undefined && { timeout }) }
  return { ...(matcher !== undefined && { matcher }), hooks: [hook] }
}

function warningsOf(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
}

const write = (id: string, name: string) => call(id, 'write', { path: name, content: name })
/** A command that answers with this object. */
const answer = (value: JsonObject): string => `echo '${JSON.stringify(value)}'`

test('exit code 2 blocks a call, and the model reads why; the matcher chooses, with any system’s names', async () => {
  const { cwd, adapter, go } = await project([[write('1', 'a'), call('2', 'ls', {})], 'Done.'], {
    PreToolUse: [command('echo Not today. >&2; exit 2', 'Write|Edit')],
  })
  const { result } = await go()
  expect(result.steps.map(({ tool, status }) => [tool, status])).toEqual([
    ['write', 'denied'],
    ['ls', 'ok'],
  ])
  expect(JSON.stringify(adapter.requests[1]?.messages)).toContain('Not today.')
  expect(await readdir(cwd)).toEqual(['harnext.config.json'])
})

test('a hook reads what happens as JSON, in an environment without keys', async () => {
  const { cwd, go, lines } = await project([[write('1', 'a')], 'Done.'], {
    SessionStart: 'cat >> log',
    UserPromptSubmit: 'cat >> log',
    PreToolUse: 'cat >> log',
    PostToolUse: 'cat >> log; env > env',
    Stop: 'cat >> log',
    SessionEnd: 'cat >> log',
  })
  const { result } = await go('Write')
  const common = { session_id: result.sessionId, cwd, permission_mode: 'bypass' }
  const file = { path: 'a', content: 'a', file_path: path.join(cwd, 'a') }
  const aCall = { tool_name: 'Write', tool_input: file, tool_use_id: '1' }
  const texts = { stop_hook_active: false, last_assistant_message: 'Done.' }
  expect(await lines('log')).toEqual([
    { ...common, hook_event_name: 'SessionStart', source: 'startup' },
    { ...common, hook_event_name: 'UserPromptSubmit', prompt: 'Write' },
    { ...common, hook_event_name: 'PreToolUse', ...aCall },
    {
      ...common,
      hook_event_name: 'PostToolUse',
      ...aCall,
      tool_response: expect.any(String),
      is_error: false,
    },
    { ...common, hook_event_name: 'Stop', ...texts },
    {
      ...common,
      hook_event_name: 'SessionEnd',
      reason: 'complete',
      last_assistant_message: 'Done.',
    },
  ])
  const env = await readFile(path.join(cwd, 'env'), 'utf8')
  expect(env).toContain(`HARNEXT_PROJECT_DIR=${cwd}\n`)
  expect(env).toContain(`HARNEXT_SESSION_ID=${result.sessionId}\n`)
  expect(env).not.toContain('sk-1234567890abcdef')
})

test('a failing hook is a warning and blocks nothing', async () => {
  const { cwd, go } = await project([[write('1', 'a')], 'Done.'], {
    PreToolUse: 'echo Oops >&2; exit 1',
    Stop: 'exit 3',
    SessionEnd: 'exit 4',
  })
  const { events, result, warnings } = await go()
  expect(result.steps[0]?.status).toBe('ok')
  expect(await readdir(cwd)).toContain('a')
  expect(warnings).toEqual([
    expect.stringMatching(/PreToolUse hook .* exit code 1: Oops/),
    expect.stringMatching(/Stop hook .* exit code 3/),
    expect.stringMatching(/SessionEnd hook .* exit code 4/),
  ])
  expect(events.at(-1)?.type).toBe('run_end')
})

test.each([
  ['is not there', 'no-such-guard-anywhere', undefined, /could not be started/],
  ['may not be executed', './harnext.config.json', undefined, /could not be started/],
  ['is killed', 'kill -9 $$', undefined, /was ended by SIGKILL/],
  ['takes too long', 'sleep 300', 0.2, /took longer than 0.2 s/],
  ['writes half an answer', `echo '{"decision":'`, undefined, /cannot be read/],
  ['decides what there is not', answer({ decision: 'perhaps' }), undefined, /"perhaps"/],
])('a guard that %s lets nothing pass', async (_how, line, timeout, reason) => {
  const { cwd, go } = await project([[write('1', 'a')], 'Done.'], {
    PreToolUse: [command(line, 'write', timeout)],
  })
  const { result, warnings } = await go()
  expect(result.steps).toMatchObject([{ status: 'denied', output: expect.stringMatching(reason) }])
  expect(warnings).toEqual([expect.stringMatching(reason)])
  expect(await readdir(cwd)).not.toContain('a')
})

test('what hooks print is bounded: for the model, as a reason, and on the screen', async () => {
  const prints = (letter: string, bytes = 900_000) =>
    `head -c ${bytes} /dev/zero | tr '\\0' ${letter}`
  const { adapter, go } = await project([[write('1', 'a')], [call('2', 'ls')], 'Done.'], {
    SessionStart: prints('s'),
    PreToolUse: [command(`${prints('p')} >&2; exit 2`, 'write')],
    PostToolUse: [command(`${prints('w')} >&2; exit 1`, 'ls'), command(prints('x', 10_000_000))],
  })
  const { result, warnings } = await go()
  expect(result.steps.map(({ status }) => status)).toEqual(['denied', 'ok'])
  expect(result.steps[0]?.output).toMatch(/ppp\n\[… 880000 characters left out …\]\npppp/)
  const sent = JSON.stringify(adapter.requests.at(-1)?.messages)
  expect(sent).toContain('880000 characters left out')
  expect(sent.length).toBeLessThan(60_000)
  expect(warnings).toEqual([
    expect.stringMatching(/failed with exit code 1: w+\n\[… \d+ characters left out/),
    expect.stringContaining('wrote more than 1 MB'),
  ])
  for (const warning of warnings) expect(warning.length).toBeLessThan(2100)
})

test('what takes too long is ended with all that it started', async () => {
  const { go } = await project(['Done.'], {
    SessionStart: [command('sleep 300.71923 & sleep 300.71923', undefined, 0.3)],
  })
  const { result, warnings } = await go()
  expect([result.text, warnings.length]).toEqual(['Done.', 1])
  expect(execFileSync('ps', ['-A', '-o', 'args=']).toString()).not.toContain('sleep 300.71923')
})

test('JSON on standard output: other arguments, context, a denial, a question', async () => {
  const { cwd, adapter, go } = await project(
    [[write('1', 'a'), write('2', 'b'), write('3', 'c')], 'Done.'],
    {
      PreToolUse: [
        command(
          `input=$(cat); case $input in *'"path":"a"'*) ${answer({
            hookSpecificOutput: {
              hookEventName: 'PreToolUse',
              updatedInput: { file_path: 'other', content: 'changed' },
            },
          })};; *'"path":"b"'*) ${answer({ decision: 'block', reason: 'Not b.' })};; *) ${answer({
            hookSpecificOutput: { permissionDecision: 'ask', permissionDecisionReason: 'Sure?' },
          })};; esac`,
        ),
      ],
      PostToolUse: answer({ additionalContext: 'It was formatted.' }),
    },
  )
  const { result } = await go()
  expect(result.steps.map(({ status }) => status)).toEqual(['ok', 'denied', 'denied'])
  const said = JSON.stringify(adapter.requests[1]?.messages)
  for (const text of ['It was formatted.', 'Not b.', 'Sure?']) expect(said).toContain(text)
  expect((await readdir(cwd)).toSorted()).toEqual(['harnext.config.json', 'other'])
  expect(await readFile(path.join(cwd, 'other'), 'utf8')).toBe('changed')
})

test('what was changed is decided anew: a hook cannot lead out of a rule', async () => {
  const { cwd, go } = await project(
    [[write('1', 'a')], 'Done.'],
    { PreToolUse: answer({ updatedInput: { path: 'kept', content: 'x' }, decision: 'allow' }) },
    { rules: [{ effect: 'write', pattern: './kept', decision: 'deny' }] },
  )
  expect((await go()).result.steps).toMatchObject([{ status: 'denied' }])
  expect(await readdir(cwd)).toEqual(['harnext.config.json'])
})

test('PreToolUse and PermissionRequest answer in the person’s place, but no floor', async () => {
  const asked: string[] = []
  const options: HarnextOptions = {
    permissionMode: 'manual',
    onPermission: ({ tool }) => {
      asked.push(tool)
      return false
    },
  }
  const git = call('2', 'write', { path: '.git/hooks/post-commit', content: 'x' })
  const pre = await project(
    [[write('1', 'a'), git], 'Done.'],
    {
      PreToolUse: answer({ hookSpecificOutput: { permissionDecision: 'allow' } }),
    },
    options,
  )
  expect((await pre.go()).result.steps.map(({ status }) => status)).toEqual(['ok', 'denied'])
  const permit = { hookSpecificOutput: { decision: { behavior: 'allow' } } }
  const request = await project(
    [[write('1', 'a'), git], 'Done.'],
    { PermissionRequest: answer(permit), Notification: 'cat > never' },
    options,
  )
  expect((await request.go()).result.steps.map(({ status }) => status)).toEqual(['ok', 'denied'])
  const denied = await project(
    [[write('1', 'a')], 'Done.'],
    { PermissionRequest: 'echo No. >&2; exit 2' },
    { ...options, onPermission: true },
  )
  expect((await denied.go()).result.steps[0]).toMatchObject({ status: 'denied' })
  // The floor's questions were for the person alone.
  expect(asked).toEqual(['write', 'write'])
})

test('Notification says that a person is asked, and holds nobody up', async () => {
  const folder = await temporary()
  const { go, cwd } = await project(
    [[write('1', 'a')], 'Done.'],
    {
      Notification: `cat > '${folder}/said'; mv '${folder}/said' '${folder}/there'; sleep 300.8172`,
    },
    {
      permissionMode: 'manual',
      async onPermission() {
        for (;;) {
          const there = await readdir(folder)
          if (there.includes('there')) return true
        }
      },
    },
  )
  expect((await go()).result.text).toBe('Done.')
  const said = JSON.parse(await readFile(path.join(folder, 'there'), 'utf8'))
  expect(said).toMatchObject({ hook_event_name: 'Notification', cwd, tool_name: 'Write' })
  expect(execFileSync('ps', ['-A', '-o', 'args=']).toString()).not.toContain('sleep 300.8172')
})

test('UserPromptSubmit refuses before anything is sent; what it and SessionStart write joins the input', async () => {
  const refused = await project(['Done.'], { UserPromptSubmit: 'echo Not that. >&2; exit 2' })
  const { result } = await refused.go()
  expect([result.stopReason, result.error?.message]).toEqual(['error', 'Not that.'])
  expect(refused.adapter.requests).toEqual([])
  const { adapter, go } = await project(['Done.'], {
    SessionStart: 'echo It is Monday.',
    UserPromptSubmit: answer({ hookSpecificOutput: { additionalContext: 'It rains.' } }),
  })
  await go('Go')
  const texts = adapter.requests[0]?.messages.map(({ content }) => textOf(content))
  expect(texts).toEqual(['Go', 'It is Monday.\nIt rains.'])
})

test('Stop makes the model go on, and is told that it did', async () => {
  const { go, lines, adapter } = await project(['One.', 'Two.'], {
    Stop: `tee -a log | grep -q '"stop_hook_active":true' || { echo Run the tests. >&2; exit 2; }`,
  })
  expect((await go()).result).toMatchObject({ text: 'Two.', turns: 2 })
  expect(JSON.stringify(adapter.requests[1]?.messages)).toContain('Run the tests.')
  expect((await lines('log')).map((line) => line['stop_hook_active'])).toEqual([false, true])
})

test.each(['PreToolUse', 'PostToolUse'])('continue: false of %s ends the run', async (event) => {
  const { go, adapter } = await project([[write('1', 'a'), write('2', 'b')], 'Never.'], {
    [event]: answer({ continue: false, stopReason: 'Enough.' }),
  })
  const { result } = await go()
  expect([result.stopReason, result.error?.code, result.error?.message]).toEqual([
    'error',
    'hook_stopped',
    'A hook ended the run: Enough.',
  ])
  expect(adapter.requests).toHaveLength(1)
  expect(result.steps).toHaveLength(2)
})

test('what a subagent does passes the hooks, and its end is SubagentStop', async () => {
  const { go, cwd, lines } = await project(
    [
      [call('t', 'task', { agent: 'general', prompt: 'Write a' })],
      [write('1', 'a')],
      'The child is done.',
      'Done.',
    ],
    {
      PreToolUse: [command('cat >> log; exit 2', 'Write')],
      SubagentStop: [command('cat >> log', 'general'), command('cat >> log', 'explore')],
    },
  )
  await go()
  const child = { agent_type: 'general', agent_id: expect.stringMatching(/^general-/) }
  expect(await lines('log')).toMatchObject([
    { hook_event_name: 'PreToolUse', tool_name: 'Write', ...child },
    { hook_event_name: 'SubagentStop', last_assistant_message: 'The child is done.', ...child },
  ])
  expect(await readdir(cwd)).not.toContain('a')
})

test('in plan mode none runs, and one line says so', async () => {
  const { go, cwd } = await project(
    [[call('1', 'ls', {})], 'Done.'],
    { SessionStart: 'touch a', PreToolUse: 'touch b', Stop: 'touch c', SessionEnd: 'touch d' },
    { permissionMode: 'plan' },
  )
  const { result, warnings } = await go()
  expect(result.steps).toMatchObject([{ status: 'ok' }])
  expect(warnings).toEqual([expect.stringContaining('none of them runs in plan mode')])
  expect(await readdir(cwd)).toEqual(['harnext.config.json'])
})

test('a run that goes on keeps the mode that is on record: in plan no hook runs', async () => {
  const { root, cwd, adapter } = await project(
    [[call('1', 'ls', {})], [call('2', 'ls', {})], 'Done.', 'Again.'],
    { PreToolUse: 'touch b', Stop: 'touch c', SessionEnd: 'touch d' },
  )
  const home = path.join(root, 'home')
  const env = { PATH: process.env['PATH'] }
  const client = new Harnext({ cwd, home, provider: adapter, model: 'm', trusted: true, env })
  const first = await client.runResult('Go', { permissionMode: 'plan', maxTurns: 1 })
  expect(first.stopReason).toBe('max_turns')
  const events = await collect(client.resume(first.sessionId))
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'run_resumed', permissionMode: 'plan' }),
  )
  expect(warningsOf(events)).toEqual([expect.stringContaining('none of them runs in plan mode')])
  expect(await readdir(cwd)).toEqual(['harnext.config.json'])
  // Told otherwise, it has another one.
  await client.runResult('Go', { session: first.sessionId, permissionMode: 'auto' })
  expect(await readdir(cwd)).toEqual(['c', 'd', 'harnext.config.json'])
})

test('cancelling ends a hook that runs, with all that it started', async () => {
  const { client, cwd } = await project([[write('1', 'a')], 'Done.'], {
    PreToolUse: 'touch began; sleep 300.55231',
  })
  const run = client.stream('Go')
  for (;;) {
    const there = await readdir(cwd)
    if (there.includes('began')) break
  }
  run.cancel()
  expect((await run.result).cancelled).toBe(true)
  expect(await readdir(cwd)).not.toContain('a')
  expect(execFileSync('ps', ['-A', '-o', 'args=']).toString()).not.toContain('sleep 300.55231')
})

test('a project that nobody trusts has none, with one line; the user’s and the administrator’s run first', async () => {
  const { cwd, root, client, adapter } = await project(['Done.', 'Done.'], {
    Stop: 'echo project >> log',
  })
  const settings = (who: string) =>
    JSON.stringify({ hooks: { Stop: [command(`echo ${who} >> log`)] } })
  await writeFile(path.join(root, 'home', 'harnext.config.json'), settings('user'))
  await writeFile(path.join(root, 'managed.json'), settings('managed'))
  const managed = path.join(root, 'managed.json')
  const log = () => readFile(path.join(cwd, 'log'), 'utf8')
  const untrusted = await collect(client.with({ trusted: false, managed }).stream('Go'))
  expect(await log()).toBe('managed\nuser\n')
  expect(warningsOf(untrusted)).toEqual([expect.stringMatching(/ignored hooks.*not trusted/)])
  await client.with({ managed }).run('Go')
  expect(await log()).toBe('managed\nuser\nmanaged\nuser\nproject\n')
  expect(adapter.requests).toHaveLength(2)
})

test.each([
  [{ PreToolUs: [] }, /no hook event "PreToolUs".*Did you mean PreToolUse\?/],
  [{ Stop: [{ hooks: [{ type: 'prompt', command: 'x' }] }] }, /hooks\.Stop/],
  [{ Stop: [{ hooks: [{ type: 'command', command: 'x', timeot: 1 }] }] }, /hooks\.Stop/],
  [{ PreToolUse: [{ matcher: '(', hooks: [] }] }, /matcher \( is no regular expression/],
])('hooks that make no sense are named: %j', (hooks, message) => {
  expect(() => parseHooks(hooks, 'here')).toThrow(ConfigError)
  expect(() => parseHooks(hooks, 'here')).toThrow(message)
})

test.each([
  [undefined, true],
  ['*', true],
  ['Bash', true],
  ['bash', true],
  ['Write|Bash', true],
  ['Ba.*', true],
  ['Ba*', true],
  ['Write', false],
  ['as', false],
])('the matcher %s means bash: %s', (matcher, isMeant) => {
  const hook = { type: 'command', command: 'x' } as const
  const group = { ...(matcher !== undefined && { matcher }), hooks: [hook] }
  const found = commandsFor({ PreToolUse: [group] }, 'PreToolUse', ['bash', 'Bash'])
  expect(found).toEqual(isMeant ? [hook] : [])
})

test('a server’s tools are matched by their server, and by a regular expression', () => {
  const names = ['mcp__memory__read', 'mcp__memory__read']
  const found = (matcher: string) =>
    commandsFor(
      { PreToolUse: [{ matcher, hooks: [{ type: 'command', command: 'x' }] }] },
      'PreToolUse',
      names,
    ).length
  const matchers = [
    'mcp__memory',
    'mcp__memory__.*',
    'mcp__.*__read',
    'mcp:memory.read',
    'mcp__git',
  ]
  expect(matchers.map(found)).toEqual([1, 1, 1, 1, 0])
})

test('what exit codes and words mean', () => {
  const end = (code: number, stdout = '', stderr = '') => ({
    exit: { code, signal: null },
    stdout,
    stderr,
  })
  expect(readOutcome('PreToolUse', 'h', end(0, 'a log line'))).toEqual({})
  expect(readOutcome('SessionStart', 'h', end(0, 'Hello.\n'))).toEqual({ context: 'Hello.' })
  expect(readOutcome('SessionEnd', 'h', end(2, '', 'late'))).toEqual({ warnings: ['late'] })
  expect(readOutcome('PreToolUse', 'h', end(2))).toEqual({
    block: 'The PreToolUse hook h refused it.',
  })
  expect(readOutcome('Stop', 'h', end(127))).toEqual({
    warnings: ['The Stop hook h could not be started (exit code 127).'],
  })
  expect(
    readOutcome('PreToolUse', 'h', end(0, '{"decision":"approve","systemMessage":"Hi."}')),
  ).toEqual({ permission: 'allow', warnings: ['Hi.'] })
})

test('PreCompact may say what the summary is to heed, or that nothing is to be shortened', async () => {
  const go = async (line: string) => {
    const workspace = localWorkspace({ roots: [await temporary()] })
    const hook = { type: 'command', command: line } as const
    const adapter = scripted(['A summary.', 'Done.'])
    const agent = new Agent({
      name: 'a',
      adapter,
      model: 'm',
      workspace,
      hooks: shellHooks({ PreCompact: [{ matcher: 'auto', hooks: [hook] }] }, { workspace }),
      compaction: { contextWindow: 20_000, keepTokens: 500 },
    })
    const long = { provider: 'p', api: 'a', model: 'm', stopReason: 'stop' } as const
    const history: readonly Message[] = ['One', 'Two', 'Three', 'Four'].flatMap((text) => [
      userMessage(text),
      {
        ...long,
        role: 'assistant',
        content: [{ type: 'text', text: 'A long text. '.repeat(1500) }],
      },
    ])
    const events = await collect(agent.run(history, 'Go on.'))
    return { isShort: events.some(({ type }) => type === 'compaction'), adapter }
  }
  const heeded = await go(`grep -q '"trigger":"auto"' && echo Heed the names.`)
  expect(heeded.isShort).toBe(true)
  expect(JSON.stringify(heeded.adapter.requests[0])).toContain('Heed the names.')
  expect((await go('exit 2')).isShort).toBe(false)
})
