import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Message } from '@harnext/core'
import { randomFailure, randomFault, type Fault } from './fault.ts'
import { observe, problemsAtEnd, problemsBetween, type Observation } from './observe.ts'
import { runProcess, type EndedProcess } from './process.ts'
import type { Random } from './random.ts'
import type { CrashSubject } from './subject.ts'
import { taskPrompt } from './task.ts'

/** One session, from its beginning to its end, and what happened to it on the way. */
export interface SessionPlay {
  readonly kills: number
  readonly killsInCalls: number
  readonly otherFaults: number
  readonly problems: readonly string[]
  /** The history at its end. */
  readonly messages: readonly Message[]
}

interface PlayOptions {
  readonly folder: string
  readonly random: Random
  readonly maxKills: number
}

const MAX_KILLS_IN_A_SESSION = 6
const MAX_PROCESSES = 60

export async function playSession(
  subject: CrashSubject,
  { folder, random, maxKills }: PlayOptions,
): Promise<SessionPlay> {
  const play = new Play(subject, folder, random)
  await play.toEnd(Math.min(maxKills, MAX_KILLS_IN_A_SESSION))
  return play
}

class Play implements SessionPlay {
  kills = 0
  killsInCalls = 0
  otherFaults = 0
  readonly problems: string[] = []
  messages: readonly Message[] = []
  readonly #subject: CrashSubject
  readonly #folder: string
  readonly #random: Random
  readonly #files: { readonly effects: string; readonly acknowledged: string }
  #seen: Observation = { session: null, effects: new Map(), acknowledged: 0 }

  constructor(subject: CrashSubject, folder: string, random: Random) {
    this.#subject = subject
    this.#folder = folder
    this.#random = random
    mkdirSync(path.join(folder, 'work'))
    this.#files = {
      effects: path.join(folder, 'work', 'effects.txt'),
      acknowledged: path.join(folder, 'acknowledged.txt'),
    }
  }

  async toEnd(maxKills: number): Promise<void> {
    for (let count = 0; count < MAX_PROCESSES && !this.problems.length; count++) {
      if (this.#isOver()) break
      const session = this.#seen.session
      if (session && this.#random.oneIn(12)) await this.#asSecondWriter(session.header.id)
      else if (this.kills < maxKills && this.#random.oneIn(10)) await this.#failing()
      else await this.#once(this.kills < maxKills ? randomFault(this.#random) : undefined)
    }
    if (!this.problems.length) this.problems.push(...problemsAtEnd(this.#seen))
    this.problems.push(...(this.#subject.complaints ?? []))
    this.messages = this.#seen.session?.state.messages ?? []
  }

  #isOver(): boolean {
    const state = this.#seen.session?.state
    return state !== undefined && state.messages.length > 0 && !state.open
  }

  async #once(fault: Fault | undefined): Promise<void> {
    const ended = await this.#run(fault)
    await this.#look(ended)
    if (ended.signal === 'SIGKILL') {
      this.kills += 1
      if (this.#seen.session?.state.intents.size) this.killsInCalls += 1
    } else if (ended.code !== 0)
      this.problems.push(`it ended with ${ended.code ?? ended.signal}: ${ended.stderr}`)
  }

  /** What is refused is told; nothing else happens, and the next process goes on. */
  async #failing(): Promise<void> {
    this.otherFaults += 1
    const fault = randomFailure(this.#random)
    const ended = await this.#run(fault)
    await this.#look(ended)
    // A run that is shorter than that has ended well.
    if (ended.code === 0) return
    if (ended.signal || !ended.stderr.includes(fault.error ?? ''))
      this.problems.push(`${fault.error} was not told: ${ended.code} ${ended.stderr}`)
  }

  async #asSecondWriter(id: string): Promise<void> {
    this.otherFaults += 1
    const lease = await this.#subject.store(this.#folder).lease(id, 'the crash matrix')
    const before = this.#seen
    try {
      const ended = await this.#run(undefined)
      await this.#look(ended)
      if (ended.code === 0) this.problems.push('two writers had one session')
    } finally {
      await lease.release()
    }
    if (this.#seen.session?.records.length !== before.session?.records.length)
      this.problems.push('a second writer has written')
  }

  #run(fault: Fault | undefined): Promise<EndedProcess> {
    const { session } = this.#seen
    const command = this.#subject.start({
      folder: this.#folder,
      effects: this.#files.effects,
      session: session?.header.id ?? null,
      isNew: !session?.state.messages.length,
      prompt: taskPrompt,
    })
    const plan = { acknowledged: this.#files.acknowledged, ...(fault && { fault }) }
    return runProcess(command, plan, this.#subject.needsPreload === true)
  }

  async #look({ isHung }: EndedProcess): Promise<void> {
    if (isHung) this.problems.push('a process did not end')
    const seen = await observe(this.#subject.store(this.#folder), this.#files)
    this.problems.push(...problemsBetween(this.#seen, seen))
    this.#seen = seen
  }
}
