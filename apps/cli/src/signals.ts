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
  /** Follows which processes of tools are alive. */
  see(event: RunEvent): void
  close(): void
}

/**
 * The first signal cancels the run, whose session is kept and whose processes are ended; the second one leaves at once, and takes the
 * processes along that are known.
 */
export function watchSignals(io: Io, run: Interruptible): SignalWatch {
  const groups = new Map<string, number>()
  let cancelledAt: number | undefined
  const handle = (signal: Signal) => (): void => {
    if (cancelledAt !== undefined) {
      if (io.now() - cancelledAt < onePressMs) return
      for (const pid of groups.values()) io.killGroup(pid)
      io.exit(cancelledExit)
      return
    }
    cancelledAt = io.now()
    run.cancel(`The run was cancelled by ${signal}.`)
    run.onCancel(signal)
  }
  const stops = signals.map((signal) => io.onSignal(signal, handle(signal)))
  return {
    see(event) {
      if (event.type === 'process') groups.set(event.id, event.pid)
      else if (event.type === 'tool_result') groups.delete(event.id)
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
