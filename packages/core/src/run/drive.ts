import type { Aborter } from '../abort.ts'
import { asHarnextError, HarnextError } from '../errors.ts'
import type { Batch, RunEvent, RunIdentity } from '../events.ts'
import { createOutbox } from './outbox.ts'
import type { RunEnd, RunResult } from './result.ts'
import type { Run } from './run.ts'

export interface DriveOptions {
  /** `runId` is corrected by `start` when the run is one that goes on. */
  readonly identity: Readonly<Pick<RunIdentity, 'runId' | 'sessionId'>>
  readonly aborter: Pick<Aborter, 'abort'>
  /** Opens what the run needs. What it throws is the run's error. */
  start(): Promise<StartedRun>
  /** The result of a run that could not begin. */
  failed(end: RunEnd): RunResult
  readonly respond: Run['respond']
  readonly steer: Run['steer']
  /** What is to be said in front of `run_end`; asked for once, when nothing more can come. */
  readonly left?: () => Batch
  /** Whether an event is for the reader. */
  readonly shows: (event: RunEvent) => boolean
}

export interface StartedRun {
  readonly batches: Pick<AsyncGenerator<Batch, void, undefined>, 'next' | 'return'>
  /** Resolves when the batch is on record, before the loop is asked for more; nothing to wait for where there is no store. */
  record?(batch: Batch): Promise<void> | undefined
  /** What the reader is to be told beside the batches: asked for after each of them, and once more when all is closed. */
  takeNotices?(): Batch
  /** The run is over, and this on record; before `close`. */
  ended?(result: RunResult): void
  /** Releases what `start` opened. Called once, before the reader sees `run_end`. */
  close(): Promise<void>
  result(end: RunEnd): RunResult
}

/**
 * Drives a run: pulls the loop at full speed, records each batch, then hands it on. Not the reader drives: what a tool did is on record
 * although nobody reads. One `next()` at a time, and nothing in between reads ahead. A reader that leaves cancels the run.
 */
export function drive(options: DriveOptions): Run {
  const outbox = createOutbox()
  let taken = false
  const result = driveToEnd(options, (batch) =>
    outbox.push(batch.every(options.shows) ? batch : batch.filter(options.shows)),
  ).finally(() => outbox.end())

  const cancel = (reason = 'The run was cancelled.'): void =>
    options.aborter.abort(new HarnextError(reason, { code: 'cancelled' }))
  return {
    get id() {
      return options.identity.runId
    },
    sessionId: options.identity.sessionId,
    result,
    get text() {
      return result.then(({ text }) => text)
    },
    steer: options.steer,
    respond: options.respond,
    cancel,
    [Symbol.asyncIterator]() {
      if (taken) throw new HarnextError('The events of a run can be read once.', { code: 'usage' })
      taken = true
      return {
        next: outbox.next,
        async return() {
          cancel('The reader left.')
          await result
          return { value: undefined, done: true }
        },
      }
    },
  }
}

async function driveToEnd(options: DriveOptions, show: (batch: Batch) => void): Promise<RunResult> {
  let started: StartedRun | undefined
  let result: RunResult | undefined
  let thrown: unknown
  let last: Batch = []
  try {
    started = await options.start()
    for (;;) {
      const { value: next, done } = await started.batches.next()
      if (done) break
      const isLast = next.at(-1)?.type === 'run_end'
      const batch = isLast ? [...(options.left?.() ?? []), ...next] : next
      const recorded = started.record?.(batch)
      if (recorded) await recorded
      const end = batch.at(-1)
      if (end?.type === 'run_end') {
        result = end.result as RunResult
        started.ended?.(result)
        last = batch
        break
      }
      show(batch)
      showNotices(started, show)
    }
  } catch (error) {
    thrown = error
  }
  // Where the store failed nothing of the loop may go on: its end is shown, but it cannot be on record.
  const failure = await closed(started, thrown)
  showNotices(started, show)
  if (failure === undefined && result) {
    show(last)
    return result
  }
  const error = asHarnextError(failure ?? new HarnextError('The loop ended without run_end.'))
  const end: RunEnd = { stopReason: 'error', error, durationMs: 0 }
  const failed = started ? started.result(end) : options.failed(end)
  show([...(options.left?.() ?? []), { type: 'error', error }, { type: 'run_end', result: failed }])
  return failed
}

function showNotices(started: StartedRun | undefined, show: (batch: Batch) => void): void {
  const notices = started?.takeNotices?.()
  if (notices?.length) show(notices)
}

/** Ends the loop, then gives back what was opened. The first failure counts. */
async function closed(started: StartedRun | undefined, thrown: unknown): Promise<unknown> {
  let failure = thrown
  for (const step of [() => started?.batches.return(), () => started?.close()]) {
    try {
      await step()
    } catch (error) {
      failure ??= error
    }
  }
  return failure
}
