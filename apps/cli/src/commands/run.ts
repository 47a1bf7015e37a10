import { appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { messageOf, type Run } from '@harnext/core'
import type { ElicitationAnswer, ElicitationRequest } from '@harnext/sdk/settings'
import { terminalAsker, type Asker } from '../ask-permission.ts'
import { checkWritable } from '../check-writable.ts'
import type { RunSettings } from '../command.ts'
import { compactFocus } from '../compact-focus.ts'
import { exitCodeOf, usageExit } from '../exit-code.ts'
import { shortHelp } from '../help.ts'
import type { Io } from '../io.ts'
import { isInteractive } from '../is-interactive.ts'
import { openSession, planRun, type Plan } from '../plan-run.ts'
import { readPrompt } from '../read-prompt.ts'
import { createPresenter } from '../render/present.ts'
import { styleFor } from '../render/style.ts'
import { Trace } from '../render/trace.ts'
import type { Screen } from '../screen.ts'
import { watchSignals } from '../signals.ts'
import { UsageError } from '../usage-error.ts'
import { compactSession } from './compact.ts'

/** Works on a task, or goes on with one. Resolves to the exit code. Throws `UsageError` or `HarnextError` before anything is begun. */
export async function runCommand(settings: RunSettings, io: Io, screen: Screen): Promise<number> {
  if (settings.isDriven) {
    const { driveRuns } = await import('./drive.ts')
    return driveRuns(settings, io, screen)
  }
  const prompt = await readPrompt(settings.prompt, io)
  if (prompt === '') throw new UsageError('The task is empty. Say what is to be done.')
  if (prompt === undefined && settings.session.kind === 'new') return withoutTask(io, screen)
  await checkFiles(settings, io)
  const asker =
    !settings.print && isInteractive(io)
      ? terminalAsker(io, styleFor(io.stderr, io.env))
      : undefined
  let plan: Plan | undefined
  try {
    plan = await planRun(settings, io, {
      defaultMode: asker ? 'manual' : 'auto',
      ...(asker && {
        onPermission: (request) => behindOutput(() => asker.ask(request)),
        onQuestion: (question, signal) => behindOutput(() => asker.inquire(question, signal)),
      }),
      onElicitation: (request, { signal }) => answerServer(request, asker, signal),
    })
    const focus = prompt === undefined ? undefined : compactFocus(prompt)
    if (focus !== undefined) return await compactSession(plan, focus, settings, screen)
    return await follow(begin(plan, prompt), plan, settings, io, screen)
  } finally {
    asker?.close()
    await plan?.close()
  }
}

/** Throws `UsageError` for a file that cannot be written. */
async function checkFiles({ record, summary }: RunSettings, { cwd }: Io): Promise<void> {
  if (record !== undefined) await checkWritable('--record', resolve(cwd, record))
  if (summary === undefined) return
  await checkWritable('--summary', resolve(cwd, summary))
  try {
    await appendFile(resolve(cwd, summary), '')
  } catch (error) {
    throw new UsageError(`--summary needs a file that can be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function withoutTask(io: Io, screen: Screen): number {
  if (!io.stdin.isTTY)
    throw new UsageError('There is no task: give it as an argument or on standard input.')
  screen.write([{ to: 'stderr', text: shortHelp }])
  return usageExit
}

async function answerServer(
  request: ElicitationRequest,
  asker: Asker | undefined,
  signal: AbortSignal,
): Promise<ElicitationAnswer> {
  if (!asker) return { action: 'decline', reason: 'nobody is asked here' }
  const { answerForm } = await import('../answer-form.ts')
  const inquire: typeof asker.inquire = (...asked) => behindOutput(() => asker.inquire(...asked))
  return answerForm(request, inquire, signal)
}

/** What came before the question is on the screen before it. */
async function behindOutput<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  await setImmediate()
  return ask()
}

/** Without a task there is a session: what is not new names one. */
function begin(plan: Plan, prompt: string | undefined): Run {
  if (prompt === undefined && plan.session) return plan.resume(openSession(plan.session))
  return plan.begin(prompt ?? '')
}

/** Shows the run until it is over, and passes on what the person does meanwhile. */
async function follow(
  run: Run,
  { presenterOptions }: Plan,
  settings: RunSettings,
  io: Io,
  screen: Screen,
): Promise<number> {
  const presenter = await createPresenter(settings, presenterOptions)
  const signals = watchSignals(io, {
    cancel: (reason) => run.cancel(reason),
    onCancel: (signal) => {
      const again = signal === 'SIGINT' ? ' Ctrl-C again leaves at once.' : ''
      screen.write([{ to: 'stderr', text: `\nCancelling.${again}\n` }])
    },
  })
  screen.onLeft(() => run.cancel('The reader of the output left.'))
  const trace = new Trace()
  for await (const event of run) {
    signals.see(event)
    trace.see(event, io.now())
    screen.write(presenter.show(event))
  }
  const result = await run.result
  screen.write(presenter.end(result))
  if (settings.summary !== undefined) {
    const { summaryText } = await import('../render/summary.ts')
    await appendFile(resolve(io.cwd, settings.summary), summaryText(result, trace))
  }
  return exitCodeOf(result)
}
