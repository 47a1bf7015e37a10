import { newAborter, untilAborted, type Aborter } from '../abort.ts'
import { asHarnextError, HarnextError } from '../errors.ts'
import type { Batch, RunEvent, SubagentResult } from '../events.ts'
import { textOf, type Message } from '../messages.ts'
import type { RunEnd, RunResult } from '../run/result.ts'
import { nextStep, reduce } from '../run/state.ts'
import type { ToolEvent } from '../tool/tool.ts'
import { resolveAgent, toCatalog } from './agent-definition.ts'
import { awaitModes, type AwaitMode, type SubagentBackgroundOptions } from './background-options.ts'
import { beginChild, type ChildHost, type ChildTask, type RunChild } from './child-run.ts'
import { inputEvents } from './input.ts'
import { Slots } from './slots.ts'
import { taskResultText } from './task-text.ts'
import type { Wired } from './wire.ts'

/** A child that runs beside its parent. `result` never rejects. */
export interface BackgroundChild {
  readonly id: string
  readonly agent: string
  /** `waiting`: for one of those that run to end. */
  status: 'waiting' | 'running' | 'paused' | SubagentResult['stopReason']
  readonly result: Promise<SubagentResult>
  /** The model was told how it ended. */
  told: boolean
  cancel(): void
}

/** The children of one run that go on while it does. They end before it does. */
export class Background {
  readonly children: Map<string, BackgroundChild> = new Map()
  readonly #host: ChildHost
  readonly #options: SubagentBackgroundOptions
  readonly #slots: Slots
  readonly #queue: { readonly event: RunEvent; readonly taken: () => void }[] = []
  #wake: () => void = () => {}

  constructor(host: ChildHost, options: SubagentBackgroundOptions = {}) {
    this.#host = host
    this.#options = options
    this.#slots = new Slots(options.maxConcurrent ?? Infinity)
  }

  /** The tools that look after them. */
  get offers(): {
    readonly status: boolean
    readonly cancel: boolean
    readonly await: readonly AwaitMode[]
  } {
    const { status = true, cancel = true } = this.#options.tools ?? {}
    return { status, cancel, await: awaitModes(this.#options) }
  }

  /** Runs a child that has begun, as soon as there is room for it. Its events wait in the queue until the run takes them. */
  start({ id, agent }: Pick<ChildTask, 'id' | 'agent'>, run: RunChild): void {
    const aborter = newAborter(this.#host.signal)
    const { promise: result, resolve } = Promise.withResolvers<SubagentResult>()
    const entry: BackgroundChild = {
      id,
      agent: agent.name,
      status: 'running',
      told: false,
      cancel: () =>
        aborter.abort(new HarnextError('The agent was cancelled.', { code: 'cancelled' })),
      result,
    }
    this.children.set(id, entry)
    void this.#run(run, entry, aborter).then(resolve).finally(aborter.unlink)
  }

  /** What a crash left open goes on. */
  async resume(): Promise<void> {
    const { state, start } = this.#host
    for (const [id, child] of state.children) {
      if (!child.background) continue
      const { agent: name = '' } = child
      if (child.open && start.options.agents) {
        const agent = await resolveAgent(toCatalog(start.options.agents), name)
        const task: ChildTask = { id, agent, task: '', call: '', kept: true, background: true }
        this.start(task, await beginChild(this.#host, task, (event) => this.#emit(event)))
      } else if (child.ended) {
        const { ended } = child
        const status = ended.stopReason
        const told = wasTold(state.messages, id)
        const result = Promise.resolve(ended)
        this.children.set(id, { id, agent: name, status, told, cancel() {}, result })
      }
    }
  }

  /** Those that run, and those that wait for it. */
  get underWay(): readonly BackgroundChild[] {
    return [...this.children.values()].filter(isUnderWay)
  }

  isUnderWay(id: string): boolean {
    const child = this.children.get(id)
    return child !== undefined && isUnderWay(child)
  }

  /** What the model has not been told yet. */
  async takeEnded(): Promise<readonly RunEvent[]> {
    const ended = [...this.children.values()].filter(
      (child) => !child.told && !isUnderWay(child) && child.status !== 'paused',
    )
    const texts: string[] = []
    for (const child of ended) {
      child.told = true
      texts.push(taskResultText(await child.result, child.id))
    }
    if (!texts.length) return []
    return inputEvents(`Agents in the background have ended.\n${texts.join('\n')}`, 'reminder')
  }

  /** When the model is done, it waits for the children, so that no work is lost. */
  async takeAtEnd(signal: AbortSignal): Promise<readonly RunEvent[]> {
    const said = await this.takeEnded()
    if (said.length || nextStep(this.#host.state).do !== 'end' || !this.underWay.length) return said
    const results = this.underWay.map(({ result }) => result)
    await untilAborted(Promise.race(results), signal, 0)
    signal.throwIfAborted()
    return this.takeEnded()
  }

  /** The batches of the loop, with those of the children between them. The loop is asked for more only when its last batch was taken. */
  around({ batches, result }: Pick<Wired, 'batches' | 'result'>): Wired['batches'] {
    let pending: Promise<IteratorResult<Batch, void>> | undefined
    let taken: readonly (() => void)[] = []
    let end: Batch | undefined
    let calls = 0
    const next = async (): Promise<IteratorResult<Batch, void>> => {
      for (const resolve of taken) resolve()
      taken = []
      // What says that the run goes on comes first.
      if (++calls === 2) await this.resume()
      for (;;) {
        const said = this.#take()
        if (said) {
          taken = said.taken
          return { value: said.batch, done: false }
        }
        if (end) {
          if (this.underWay.length) {
            await this.#woken(this.underWay.map((child) => child.result))
            continue
          }
          const value = withNewEnd(end, result)
          end = undefined
          return { value, done: false }
        }
        if (!pending && !this.children.size) return batches.next()
        pending ??= batches.next()
        const first = await Promise.race([pending, this.#woken([])])
        if (!first) continue
        pending = undefined
        if (first.done || first.value.at(-1)?.type !== 'run_end' || !this.children.size)
          return first
        end = first.value
        if (this.#options.autoCancel ?? true) for (const child of this.underWay) child.cancel()
      }
    }
    return {
      next,
      return: async () => {
        for (const child of this.underWay) child.cancel()
        for (const resolve of taken) resolve()
        const ended = batches.return()
        for (let said = this.#take(); this.underWay.length; said = this.#take()) {
          for (const resolve of said?.taken ?? []) resolve()
          await this.#woken(this.underWay.map((child) => child.result))
        }
        return ended
      },
    }
  }

  async #run(run: RunChild, entry: BackgroundChild, aborter: Aborter): Promise<SubagentResult> {
    const { signal } = aborter
    let hasSlot = this.#slots.take()
    if (!hasSlot) entry.status = 'waiting'
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      // One that was cancelled meanwhile begins, to end as cancelled.
      hasSlot ||= await this.#slots.wait(signal)
      entry.status = 'running'
      timer = this.#limit(aborter)
      const result = await run((event) => this.#emit(event), signal)
      entry.status = result.stopReason
      return result
    } catch (thrown) {
      const { code, message } = asHarnextError(thrown)
      const { id, agent } = entry
      const stopReason = code === 'paused' ? 'paused' : 'error'
      entry.status = stopReason
      const counts = { text: '', turns: 0, toolCalls: 0 }
      const result = { agent, stopReason, ...counts, error: { code, message } } as const
      if (stopReason === 'error') await this.#emit({ type: 'subagent_end', id, result, kept: true })
      return result
    } finally {
      clearTimeout(timer)
      if (hasSlot) this.#slots.give()
      this.#wake()
    }
  }

  #limit(aborter: Aborter): ReturnType<typeof setTimeout> | undefined {
    const { timeout } = this.#options
    if (timeout === undefined) return undefined
    const late = `The agent took longer than the ${timeout} ms that it has.`
    return setTimeout(() => aborter.abort(new HarnextError(late, { code: 'timeout' })), timeout)
  }

  #emit(event: ToolEvent): Promise<void> {
    return new Promise((taken) => {
      this.#queue.push({ event, taken })
      this.#wake()
    })
  }

  #take(): { readonly batch: Batch; readonly taken: readonly (() => void)[] } | undefined {
    const items = this.#queue.splice(0)
    if (!items.length) return undefined
    for (const { event } of items) reduce(this.#host.state, event)
    return { batch: items.map(({ event }) => event), taken: items.map(({ taken }) => taken) }
  }

  /** Resolves when a child has something to say, or when one of the promises does. */
  #woken(others: readonly Promise<unknown>[]): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#wake = () => resolve(undefined)
    if (this.#queue.length) resolve(undefined)
    for (const other of others) void other.then(() => resolve(undefined))
    return promise
  }
}

function isUnderWay({ status }: BackgroundChild): boolean {
  return status === 'running' || status === 'waiting'
}

/** The same end, with what the children used since. */
function withNewEnd(batch: Batch, result: (end: RunEnd) => RunResult): Batch {
  return batch.map((event) =>
    event.type === 'run_end' ? { ...event, result: result(event.result) } : event,
  )
}

function wasTold(messages: readonly Message[], id: string): boolean {
  const mark = ` session_id="${id}"`
  return messages.some(
    (message) =>
      message.role !== 'assistant' &&
      textOf(message.content).includes('<task_result') &&
      textOf(message.content).includes(mark),
  )
}
