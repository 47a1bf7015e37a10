import { setImmediate } from 'node:timers/promises'
import type {
  Agent,
  LoadedSession,
  PermissionAnswer,
  PermissionMode,
  PermissionRequest,
  Run,
} from '@harnext/core'
import type { RunSettings } from '../arguments.ts'
import { terminalAsker, type Asker } from '../ask-permission.ts'
import { exitCodeOf, usageExit } from '../exit-code.ts'
import { shortHelp } from '../help.ts'
import type { Io } from '../io.ts'
import { makeAgent, type MadeAgent } from '../make-agent.ts'
import { programOf } from '../program.ts'
import { readPrompt } from '../read-prompt.ts'
import { createPresenter, type PresenterOptions } from '../render/present.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { chooseSession, folderAt, hasOpenRun, modelOf, openStore } from '../sessions.ts'
import { watchSignals } from '../signals.ts'
import { UsageError } from '../usage-error.ts'

/** Works on a task, or goes on with one. Resolves to the exit code. Throws `UsageError` or `HarnextError` before anything is begun. */
export async function runCommand(settings: RunSettings, io: Io, screen: Screen): Promise<number> {
  const prompt = await readPrompt(settings.prompt, io)
  if (prompt === '') throw new UsageError('The task is empty. Say what is to be done.')
  if (prompt === undefined && settings.session.kind === 'new') return withoutTask(io, screen)
  const asker = canAsk(settings, io) ? terminalAsker(io, styleFor(io.stderr, io.env)) : undefined
  try {
    const plan = await planRun(settings, prompt, io, asker)
    return await follow(plan.begin(), plan, settings, io, screen)
  } finally {
    asker?.close()
  }
}

function withoutTask(io: Io, screen: Screen): number {
  if (!io.stdin.isTTY)
    throw new UsageError('There is no task: give it as an argument or on standard input.')
  screen.write([{ to: 'stderr', text: shortHelp }])
  return usageExit
}

/** Questions need somebody who can read and answer them. */
function canAsk({ print }: RunSettings, { stdin, stderr, env }: Io): boolean {
  const { CI = '' } = env
  const isAutomated = CI !== '' && CI !== 'false' && CI !== '0'
  return !print && stdin.isTTY === true && stderr.isTTY === true && !isAutomated
}

interface Plan extends Pick<MadeAgent, 'mode'> {
  readonly cwd: string
  begin(): Run
}

async function planRun(
  settings: RunSettings,
  prompt: string | undefined,
  io: Io,
  asker: Asker | undefined,
): Promise<Plan> {
  const store = openStore(io)
  const here = folderAt(settings.cwd ?? '.', io)
  const session = await chooseSession(settings.session, store, here)
  if (session && prompt === undefined && !hasOpenRun(session.state))
    throw new UsageError(
      `Session ${session.header.id} has no run to go on with: the last one is over. Give a task to go on with the conversation.`,
    )
  const cwd = session ? cwdOf(session, settings, here, io) : here
  const sessionModel = session && modelOf(session)
  const { agent, mode } = await makeAgent(settings, {
    io,
    store,
    cwd,
    defaultMode: asker ? 'manual' : 'auto',
    ...(asker && { onPermission: (request) => askBehindOutput(asker, request) }),
    ...(sessionModel !== undefined && { sessionModel }),
  })
  return { mode, cwd, begin: () => begin(agent, prompt, session) }
}

/** What came before the question is on the screen before it. */
async function askBehindOutput(
  asker: Asker,
  request: PermissionRequest,
): Promise<PermissionAnswer> {
  await setImmediate()
  return asker.ask(request)
}

/** A session goes on where it was begun, wherever the person is, unless they say otherwise. */
function cwdOf({ header }: LoadedSession, settings: RunSettings, here: string, io: Io): string {
  if (settings.cwd !== undefined || header.cwd === '') return here
  return folderAt(
    header.cwd,
    io,
    `Session ${header.id} was begun in a folder that is not there; give --cwd`,
  )
}

function begin(agent: Agent, prompt: string | undefined, session: LoadedSession | undefined): Run {
  const id = session?.header.id
  if (prompt !== undefined) return agent.run([], prompt, id === undefined ? {} : { session: id })
  return agent.resume(id ?? '')
}

/** Shows the run until it is over, and passes on what the person does meanwhile. */
async function follow(
  run: Run,
  { mode, cwd }: Plan,
  settings: RunSettings,
  io: Io,
  screen: Screen,
): Promise<number> {
  const presenter = await createPresenter(settings, presenterOptions(cwd, mode, io))
  const signals = watchSignals(io, {
    cancel: (reason) => run.cancel(reason),
    onCancel: (signal) => {
      const again = signal === 'SIGINT' ? ' Ctrl-C again leaves at once.' : ''
      screen.write([{ to: 'stderr', text: `\nCancelling.${again}\n` }])
    },
  })
  screen.onLeft(() => run.cancel('The reader of the output left.'))
  for await (const event of run) {
    signals.see(event)
    screen.write(presenter.show(event))
  }
  const result = await run.result
  screen.write(presenter.end(result))
  return exitCodeOf(result)
}

function presenterOptions(folder: string, mode: PermissionMode, io: Io): PresenterOptions {
  return {
    style: styleFor(io.stderr, io.env),
    mode,
    folder,
    program: programOf(io.env),
    ...(folder !== folderAt('.', io) && { cwd: folder }),
    isShared: io.stdout.isTTY === true && io.stderr.isTTY === true,
  }
}
