import { PassThrough, Writable } from 'node:stream'
import type { Io, Signal } from '../src/io.ts'

export interface FakeIo extends Io {
  readonly stdin: PassThrough & { isTTY?: boolean }
  /** What was written so far. */
  readonly written: { stdout: string; stderr: string }
  readonly exits: number[]
  readonly killed: number[]
  signal(signal: Signal): void
  /** What `now` says. */
  time: number
}

export interface FakeIoOptions extends Pick<
  Io,
  'args' | 'env' | 'cwd' | 'home' | 'nodeVersion' | 'platform'
> {
  readonly isTerminal: boolean
}

/** An `Io` that nobody sits at, unless the test says so. */
export function fakeIo(given: Partial<FakeIoOptions> = {}): FakeIo {
  const { isTerminal = false, ...rest } = given
  const written = { stdout: '', stderr: '' }
  const exits: number[] = []
  const killed: number[] = []
  const handlers = new Map<Signal, Set<() => void>>()
  const output = (name: 'stdout' | 'stderr') =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write(chunk: string, _encoding, done) {
          written[name] += chunk
          done()
        },
      }),
      { isTTY: isTerminal },
    )
  const io: FakeIo = {
    args: [],
    env: {},
    cwd: process.cwd(),
    home: process.cwd(),
    pid: process.pid,
    platform: process.platform,
    nodeVersion: process.versions.node,
    ...rest,
    stdin: Object.assign(new PassThrough(), { isTTY: isTerminal }),
    stdout: output('stdout'),
    stderr: output('stderr'),
    written,
    exits,
    killed,
    onSignal(signal, handler) {
      const set = handlers.get(signal) ?? new Set()
      handlers.set(signal, set.add(handler))
      return () => void set.delete(handler)
    },
    signal: (signal) => handlers.get(signal)?.forEach((handler) => handler()),
    killGroup: (pid) => void killed.push(pid),
    exit: (code) => void exits.push(code),
    time: 0,
    now: () => io.time,
  }
  return io
}
