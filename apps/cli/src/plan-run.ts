import type { LoadedSession, PermissionMode, Run, SessionCompaction, UserPart } from '@harnext/core'
import { skillCommand, type Skill } from '@harnext/sdk/settings'
import type { RunSettings } from './command.ts'
import type { Io } from './io.ts'
import { makeAgent, type Surroundings } from './make-agent.ts'
import { programOf } from './program.ts'
import type { PresenterOptions } from './render/present.ts'
import { styleFor } from './render/style.ts'
import { chooseSession, folderAt, hasOpenRun, modelOf, openStore } from './sessions.ts'
import { UsageError } from './usage-error.ts'

/** A run that could begin: everything that can be wrong with its settings was looked at. */
export interface Plan {
  /** The session that is gone on with. */
  readonly session?: LoadedSession
  readonly presenterOptions: PresenterOptions
  /** Begins a run with something to do, in the session that is given, else in the plan's, else in a new one. */
  begin(input: string | readonly UserPart[], sessionId?: string): Run
  /** Ends what runs share. */
  close(): Promise<void>
  /** Goes on with the run that the session left open. */
  resume(session: LoadedSession): Run
  /** Shortens the session without a run; `null` where nothing can be left out. */
  compact(sessionId: string, focus: string, signal?: AbortSignal): Promise<SessionCompaction | null>
}

/** Throws `UsageError` or `HarnextError`. */
export async function planRun(
  settings: RunSettings,
  io: Io,
  answering: Pick<Surroundings, 'defaultMode' | 'onPermission' | 'onQuestion' | 'onElicitation'>,
): Promise<Plan> {
  const store = openStore(io)
  const here = folderAt(settings.cwd ?? '.', io)
  const session = await chooseSession(settings.session, store, here)
  const cwd = session ? cwdOf(session, settings, here, io) : here
  const sessionModel = session && modelOf(session)
  const isResumed = session && settings.prompt === undefined && hasOpenRun(session.state)
  const sessionMode = isResumed ? session.state.permissionMode : undefined
  const { agent, mode, skills, mcp } = await makeAgent(settings, {
    io,
    store,
    cwd,
    ...answering,
    ...(sessionModel !== undefined && { sessionModel }),
    ...(sessionMode && { sessionMode }),
  })
  return {
    ...(session && { session }),
    presenterOptions: presenterOptions(cwd, mode, io),
    begin(input, sessionId = session?.header.id) {
      const content = expand(input, skills)
      const said = typeof content === 'string' ? content : [{ role: 'user', content } as const]
      return agent.run([], said, sessionId === undefined ? {} : { session: sessionId })
    },
    async close() {
      await mcp?.close()
    },
    resume: ({ header }) => agent.resume(header.id),
    compact: (id, focus, signal) =>
      agent.compact(id, { ...(focus !== '' && { focus }), ...(signal && { signal }) }),
  }
}

/** A task that begins with the name of a skill is what the skill says. */
function expand(
  input: string | readonly UserPart[],
  skills: readonly Skill[],
): string | readonly UserPart[] {
  if (typeof input === 'string') return skillCommand(input, skills)?.text ?? input
  const [first, ...rest] = input
  const command = first?.type === 'text' ? skillCommand(first.text, skills) : undefined
  return command ? [{ type: 'text', text: command.text }, ...rest] : input
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

/** Throws `UsageError` for a session whose last run is over: there is nothing to go on with. */
export function openSession(session: LoadedSession): LoadedSession {
  if (hasOpenRun(session.state)) return session
  throw new UsageError(
    `Session ${session.header.id} has no run to go on with: the last one is over. Give a task to go on with the conversation.`,
  )
}
