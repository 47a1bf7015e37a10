import { loadSession, type LoadedSession, type SessionStore } from '@harnext/core'
import { endOfStep, type Check } from './demo-checks.ts'
import { runChild, type Child } from './demo-child.ts'
import { demoModelId, demoProvider } from './demo-model.ts'
import { diffOfSource, makeProject, testRuns } from './demo-project.ts'

export interface DemoOptions {
  readonly write: (text: string) => void
  readonly store: SessionStore
  readonly env: { readonly [name: string]: string | undefined }
  /** How this program is started: the demo runs it as its child. */
  readonly command: readonly [program: string, ...args: string[]]
  /** How the person calls it: `harnext`, or `npm start --` in a clone. */
  readonly invocation: string
  readonly color: boolean
  readonly signal: AbortSignal
}

const task = 'Make the failing test pass.'

/** Shows one run, and the same run with the power off in the middle. Resolves to the exit code. */
export async function showDemo(options: DemoOptions): Promise<number> {
  const screen = screenOf(options)
  screen.text(
    'The loop, the tools, the permissions, the session and this command line are the real ones.\nOnly the model is scripted: its lines are fixed, and it reads what the tools return.',
  )
  screen.title('1  A failing test')
  const first = await wholeRun(options, screen)
  if (!first) return 1
  screen.title('2  The same task, with the power off in the middle')
  const second = await interruptedRun(options, screen)
  if (!second) return 1
  screen.title('Go on from here')
  screen.text(
    [
      `${options.invocation} sessions show ${second.header.id}`,
      `cd ${second.header.cwd} && node --test`,
      `ANTHROPIC_API_KEY=your-key ${options.invocation} --cwd ${second.header.cwd} "What does this project do?"`,
    ].join('\n'),
  )
  return 0
}

type Screen = ReturnType<typeof screenOf>

function screenOf({ write, color }: DemoOptions) {
  const paint = (code: string, text: string): string =>
    color ? `\u001B[${code}m${text}\u001B[0m` : text
  return {
    title: (text: string) => write(`\n${paint('1;36', text)}\n`),
    text: (text: string) => write(`${text}\n`),
    command: (text: string) => write(`${paint('1', `$ ${text}`)}\n`),
    note: (text: string) => write(`${paint('33', text)}\n`),
    output: (chunk: string) => write(chunk.replaceAll(/^(?=.)/gm, '  ')),
    check: ({ ok, text }: Check) => write(`${ok ? paint('32', '✓') : paint('31', '✗')} ${text}\n`),
    diff: (lines: readonly string[]) =>
      write(
        lines
          .map(
            (line) =>
              `  ${line.startsWith('+') ? paint('32', line) : line.startsWith('-') ? paint('31', line) : line}\n`,
          )
          .join(''),
      ),
  }
}

const modelFlags = ['-m', `${demoProvider}/${demoModelId}`]

async function wholeRun(options: DemoOptions, screen: Screen): Promise<LoadedSession | null> {
  const folder = await makeProject('fix')
  screen.command(`harnext -p ${JSON.stringify(task)}`)
  const code = await start(options, screen, folder, ['-p', task]).exit
  return judge(options, screen, folder, code)
}

async function interruptedRun(options: DemoOptions, screen: Screen): Promise<LoadedSession | null> {
  const folder = await makeProject('crash')
  screen.command(`harnext -p ${JSON.stringify(task)}`)
  const child = start(options, screen, folder, ['-p', task])
  const inTest = await until(async () => (await testRuns(folder)) >= 2, child, options.signal)
  if (!inTest) {
    await child.exit
    return judge(options, screen, folder, 1)
  }
  child.kill()
  await child.exit
  screen.note(
    '  ⚡ SIGKILL, while the test ran for the second time. Nothing could be cleaned up.\n',
  )
  screen.command('harnext --continue')
  const code = await start(options, screen, folder, ['-p', '--continue']).exit
  const session = await judge(options, screen, folder, code, true)
  const told = session?.events.find(
    (event) => event.type === 'tool_result' && event.reason === 'unknown',
  )
  if (!session || told?.type !== 'tool_result') {
    screen.check({ ok: false, text: 'the model was told about the interrupted call' })
    return null
  }
  screen.check({
    ok: true,
    text: 'the edit was not made a second time; the model was told about the interrupted call:',
  })
  screen.text(`  “${told.output}”`)
  return session
}

function start(
  options: DemoOptions,
  screen: Screen,
  folder: string,
  args: readonly string[],
): Child {
  return runChild(
    options,
    [...args, ...modelFlags, '--permission-mode', 'auto', '--cwd', folder],
    screen.output,
  )
}

/** Says for each step of the script whether it really happened. `null` when one did not. */
async function judge(
  options: DemoOptions,
  screen: Screen,
  folder: string,
  code: number | null,
  brief = false,
): Promise<LoadedSession | null> {
  const [summary] = await options.store.list({ cwd: folder })
  if (!summary) {
    screen.check({ ok: false, text: `the run left no session (exit code ${code})` })
    return null
  }
  const session = await loadSession(options.store, summary.id)
  const checks = await endOfStep(session, folder, code)
  screen.text('')
  for (const check of checks) {
    if (!brief || !check.ok) screen.check(check)
    if (!check.ok) return null
  }
  if (brief)
    screen.check({
      ok: true,
      text: 'the run ended as the first one did: same file, same tests, same denial',
    })
  else screen.diff(await diffOfSource(folder))
  return session
}

/** Looks every few milliseconds. `false` when the child ended, or the person gave up, before it became true. */
async function until(
  condition: () => Promise<boolean>,
  child: Child,
  signal: AbortSignal,
): Promise<boolean> {
  while (!child.ended && !signal.aborted) {
    if (await condition()) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}
