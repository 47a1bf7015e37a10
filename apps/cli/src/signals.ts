import type { RunEvent } from '@harnext/core'
import { cancelledExit } from './exit-code.ts'
import type { Io, Signal } from './io.ts'

/** A terminal sends Ctrl-C to everybody, and npm passes its own on: what comes twice within this time in milliseconds is one press. */
const onePressMs = 200

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

export interface Interruptible {
  cancel(reason: string): void
  /** Told once, after the first signal. */
  onCancel(signal: Signal): void
}

export interface SignalWatch {
  /** Follows which processes of tools are alive, and whether the run is over. */
  see(event: RunEvent): void
}

/**
 * The first signal cancels the run, whose session is kept and whose processes are ended; the second one leaves at once, and takes the
 * processes along that are known.
 */
export function watchSignals(io: Io, run: Interruptible): SignalWatch {
  const groups = new Map<string, number>()
  let cancelledAt: number | undefined
  let isOver = false
  const handle = (signal: Signal) => (): void => {
    if (cancelledAt !== undefined && io.now() - cancelledAt < onePressMs) return
    if (cancelledAt !== undefined || isOver) {
      for (const pid of groups.values()) io.killGroup(pid)
      io.exit(cancelledExit)
      return
    }
    cancelledAt = io.now()
    run.cancel(`The run was cancelled by ${signal}.`)
    run.onCancel(signal)
  }
  for (const signal of signals) io.onSignal(signal, handle(signal))
  return {
    see(event) {
      if (event.type === 'process') groups.set(event.id, event.pid)
      else if (event.type === 'tool_result') groups.delete(event.id)
      else if (event.type === 'run_start') isOver = false
      else if (event.type === 'run_end') isOver = true
    },
  }
}
