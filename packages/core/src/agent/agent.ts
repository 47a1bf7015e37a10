import { newAborter } from '../abort.ts'
import { reminderHook, type Reminder } from '../context/reminders.ts'
import { ConfigError, HarnextError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Message } from '../messages.ts'
import { callKey, createAsker, toAnswer, type Answer, type Asker } from '../permission/answer.ts'
import type { PermissionAnswer } from '../permission/permission.ts'
import { drive } from '../run/drive.ts'
import { mergeHooks, type Hooks } from '../run/hooks.ts'
import { toResult } from '../run/result.ts'
import type { Run } from '../run/run.ts'
import { newState } from '../run/state.ts'
import { checkSignal } from './check-signal.ts'
import { compactSession, type SessionCompaction } from './compact-session.ts'
import { newId } from './hash.ts'
import { inputEvents } from './input.ts'
import { checkOptions, type AgentOptions, type AgentRunOptions } from './options.ts'
import { startRun, type Steering } from './start.ts'
import { undelivered } from './steering.ts'

export interface ResumeOptions extends AgentRunOptions {
  /** Answers to the requests that were open, by the id of their call (`child/id` where two have the same). The others are asked again. */
  readonly decisions?: { readonly [callId: string]: PermissionAnswer }
}

export interface CompactOptions extends Omit<AgentRunOptions, 'session'> {
  /** What the summary should pay attention to. */
  readonly focus?: string
}

/**
 * A model with tools and permissions, without a memory of its own: a run takes the history it goes on from and gives back the longer
 * one. With a `store`, every fact is on record before it has consequences, and `resume` goes on after a crash or a pause.
 *
 * @example
 * const agent = new Agent({ name: 'helper', adapter, model: 'claude-sonnet-5', tools: [add] })
 * const { text } = await agent.run([], 'What is 2 + 3?').result
 */
export class Agent {
  readonly name: string
  readonly #options: AgentOptions
  /** What is under way. */
  readonly #works = new Set<Work>()
  readonly #reminders: Reminder[] = []

  /** Throws `ConfigError`. */
  constructor(options: AgentOptions) {
    checkOptions(options)
    this.name = options.name
    this.#options = options
  }

  /**
   * Begins a run. Throws `ConfigError` at once; whatever happens later is in the run's events and result. With a session that is there
   * already, `history` must be empty: what the log holds is the history. In a new session it is put on record before the run begins.
   */
  run(
    history: readonly Message[],
    input: string | readonly Message[],
    options: AgentRunOptions = {},
  ): Run {
    if (!input.length && !history.length)
      throw new ConfigError('A run needs an input: it is empty, and so is the history.')
    return this.#drive(options, { history, input: inputEvents(input) })
  }

  /**
   * Goes on with a run that a crash or a pause left open. Throws `ConfigError` at once for a decision that is none; a session that is
   * not there is an error of the run.
   */
  resume(sessionId: string, { decisions = {}, ...options }: ResumeOptions = {}): Run {
    const answers = Object.entries(decisions).map(([id, given]) => [id, toAnswer(given)] as const)
    return this.#drive({ ...options, session: sessionId }, { answers: new Map(answers) })
  }

  /**
   * Shortens a session of the store without a run, as a run does when its context is full. Resolves to what was done, `null` where nothing
   * can be left out. Throws `SessionNotFound`, `SessionLocked`, and `ConfigError` for a session that has to be resumed first.
   */
  async compact(
    sessionId: string,
    options: CompactOptions = {},
  ): Promise<SessionCompaction | null> {
    const { focus, signal, ...overrides } = options
    checkSignal(signal)
    const all = this.#optionsWith(overrides)
    const aborter = newAborter(signal)
    const result = compactSession(all, sessionId, { focus, signal: aborter.signal })
    const work = { cancel: (reason?: string) => aborter.abort(cancelled(reason)), result }
    this.#works.add(work)
    try {
      return await result
    } finally {
      this.#works.delete(work)
      aborter.unlink()
    }
  }

  /** Cancels the runs that are under way and waits for their end. */
  async close(): Promise<void> {
    const works = [...this.#works]
    for (const work of works) work.cancel('The agent was closed.')
    await Promise.allSettled(works.map(({ result }) => result))
  }

  /** Has something said before each turn of the runs from now on, not of their children. Returns how to stop that. */
  registerReminder(reminder: Reminder): () => void {
    this.#reminders.push(reminder)
    return () => {
      const index = this.#reminders.indexOf(reminder)
      if (index >= 0) this.#reminders.splice(index, 1)
    }
  }

  #reminding(): Hooks {
    if (!this.#reminders.length) return {}
    const remind = reminderHook(this.#reminders)
    return { beforeModel: (view) => (view.agentPath.length ? [] : remind(view)) }
  }

  #optionsWith(overrides: AgentRunOptions): AgentOptions {
    const hooks = mergeHooks(this.#options.hooks, overrides.hooks, this.#reminding())
    const options: AgentOptions = { ...this.#options, ...defined(overrides), hooks }
    checkOptions(options)
    return options
  }

  #drive(overrides: AgentRunOptions, from: RunFrom): Run {
    const { session, signal, ...rest } = overrides
    checkSignal(signal)
    const options = this.#optionsWith(rest)
    const identity = { runId: newId('run'), sessionId: session ?? newId('sess') }
    const aborter = newAborter(signal)
    const asker = createAsker(options.onPermission)
    const steering: Steering = { texts: [], open: true }
    const run = drive({
      identity,
      aborter,
      start: () =>
        startRun({
          options,
          from,
          identity,
          signal: aborter.signal,
          ask: asking(asker, from.answers ?? new Map()),
          expect: asker.expect,
          steering,
        }),
      failed: (end) => toResult(newState(), identity, '', end),
      respond: asker.respond,
      steer(text) {
        if (!steering.open)
          throw new HarnextError('The run is over: begin another one to say more.', {
            code: 'usage',
          })
        steering.texts.push(text)
      },
      left() {
        steering.open = false
        return steering.texts.splice(0).map(undelivered)
      },
      // A question that only the reader can answer is always for the reader.
      shows: (event) =>
        options.subagents === true ||
        !event.agentPath?.length ||
        (event.type === 'permission_request' && options.onPermission === 'stream'),
    })
    this.#works.add(run)
    void run.result.then(() => {
      steering.open = false
      this.#works.delete(run)
      aborter.unlink()
      asker.close()
    })
    return run
  }
}

interface Work {
  readonly cancel: (reason?: string) => void
  readonly result: Promise<unknown>
}

function cancelled(reason = 'The compaction was cancelled.'): HarnextError {
  return new HarnextError(reason, { code: 'cancelled' })
}

/** Where a run begins: a history with an input, or a log that is gone on with. */
export interface RunFrom {
  readonly history?: readonly Message[]
  readonly input?: readonly RunEvent[]
  /** By the ids of their calls. */
  readonly answers?: Map<string, Answer>
}

/** Answers that came while nobody ran are used once, before anybody is asked. */
function asking(asker: Asker, answers: Map<string, Answer>): Asker['ask'] {
  return (event) => {
    const id = answers.has(callKey(event)) ? callKey(event) : event.id
    const answer = answers.get(id)
    if (!answer) return asker.ask(event)
    answers.delete(id)
    return Promise.resolve(answer)
  }
}

/** An option that is explicitly undefined is one that was not given. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
