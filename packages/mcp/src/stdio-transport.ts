import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as delay } from 'node:timers/promises'
import { visible, type Command } from '@harnext/core'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'

/**
 * Runs the command as the leader of a process group, with a watcher in it: when this process dies, however it does, the pipe on descriptor
 * 3 ends, and the watcher ends the group. It is there before the command begins.
 */
const watched = `( trap '' TERM INT HUP; read -r _ <&3; kill -TERM 0; sleep 1; kill -KILL 0 ) </dev/null >/dev/null 2>&1 &
exec 3<&-; exec "$@"`

/** A server that was told to end by the end of its input, and then by SIGTERM, has this many milliseconds each. */
const patienceMs = 500
const longestMessage = 64 * 1024 * 1024
const keptErrors = 4096

type Hold = (command: Command) => Promise<{ readonly command: Command; release(): Promise<void> }>

/** The connection to a server that is a program: one JSON-RPC message a line. */
export class StdioTransport implements Transport {
  declare onclose?: () => void
  declare onerror?: (error: Error) => void
  declare onmessage?: (message: JSONRPCMessage) => void
  readonly #command: Command
  readonly #parse: (line: string) => JSONRPCMessage
  readonly #hold: Hold | undefined
  #child: ChildProcess | undefined
  #exited: Promise<void> | undefined
  #gone = false
  #closed = false
  #problem: string | undefined
  #errors = ''

  constructor(command: Command, parse: (line: string) => JSONRPCMessage, hold?: Hold) {
    this.#command = command
    this.#parse = parse
    this.#hold = hold
  }

  /** With `pid`, what the SDK knows a connection to a program by. */
  get stderr(): null {
    return null
  }
  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Why the connection ended, with the last lines that the program wrote to standard error. */
  get problem(): string {
    const { exitCode = null, signalCode = null } = this.#child ?? {}
    const ended =
      signalCode !== null
        ? `it was ended by ${signalCode}`
        : exitCode !== null
          ? `it ended with code ${exitCode}`
          : 'the connection was closed'
    return `${this.#problem ?? ended}${this.said}`
  }

  /** The last lines that it wrote beside messages, as the end of a sentence. */
  get said(): string {
    const text = visible(this.#errors.trim())
    return text ? `; it wrote: ${text}` : ''
  }

  async start(): Promise<void> {
    const held = await this.#hold?.(this.#command)
    const { program, args, env, cwd } = held?.command ?? this.#command
    const child = spawn('/bin/sh', ['-c', watched, 'sh', program, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    const spawned = Promise.withResolvers<void>()
    child.once('spawn', spawned.resolve)
    child.once('error', spawned.reject)
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    this.#exited = exited
      .then(() => held?.release())
      .catch((error: unknown) => this.onerror?.(error as Error))
    child.once('exit', () => {
      this.#endGroup('SIGKILL')
      this.#gone = true
    })
    child.once('close', () => this.#finish())
    for (const stream of child.stdio) stream?.on('error', (error: Error) => this.onerror?.(error))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    const lines = lineSplitter((line) => this.#receive(line))
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!this.#closed && !lines(chunk))
        this.#fail(`it sent a message of more than ${longestMessage >> 20} MB`)
    })
    await spawned.promise.catch((error: unknown) => {
      // The system says only that something is missing, and names the shell.
      if (cwd === undefined || existsSync(cwd)) throw error
      throw new Error(`its folder ${cwd} is not there`, { cause: error })
    })
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin
    if (!stdin || this.#closed || stdin.destroyed)
      return Promise.reject(new Error(`The server cannot be written to: ${this.problem}.`))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()))
    return promise
  }

  /** Lets this process end while nothing is asked of the server. */
  unref(): void {
    this.#reference('unref')
  }
  ref(): void {
    this.#reference('ref')
  }

  /** Ends the server and all that it started. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    const child = this.#child
    if (!child?.pid) return this.#finish()
    this.ref()
    child.stdin?.end()
    await this.#within(patienceMs)
    this.#endGroup('SIGTERM')
    await this.#within(patienceMs)
    this.#endGroup('SIGKILL')
    await this.#exited
    for (const stream of child.stdio) stream?.destroy()
    this.#finish()
  }

  async #within(ms: number): Promise<void> {
    const timer = new AbortController()
    await Promise.race([
      this.#exited,
      delay(ms, undefined, { signal: timer.signal }).catch(() => {}),
    ])
    timer.abort()
  }

  #reference(how: 'ref' | 'unref'): void {
    this.#child?.[how]()
    for (const stream of this.#child?.stdio ?? [])
      if (stream && how in stream) (stream as unknown as { ref(): void; unref(): void })[how]()
  }

  /** While the watcher is in the group, its number belongs to nobody else; SIGKILL ends the watcher too, and with it this. */
  #endGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid
    if (pid === undefined || this.#gone) return
    try {
      process.kill(-pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') this.onerror?.(error as Error)
    }
  }

  #finish(): void {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.()
  }

  #fail(problem: string): void {
    this.#problem = problem
    this.onerror?.(new Error(`The server broke the protocol: ${problem}.`))
    // What it still sends is of no use: whatever waits for an answer is told now.
    this.#endGroup('SIGKILL')
  }

  #receive(line: string): void {
    if (this.#closed || this.#problem !== undefined || line.trim() === '') return
    // Some servers greet on standard output; a message is an object.
    if (!line.startsWith('{')) return this.#keep(`${line}\n`)
    let message: JSONRPCMessage
    try {
      message = this.#parse(line)
    } catch {
      // What a checker says of it is longer, and says less.
      return this.#fail(`it sent a line that is no message: ${line.slice(0, 200)}`)
    }
    this.onmessage?.(message)
  }

  #keep(text: string): void {
    this.#errors = `${this.#errors}${text}`.slice(-keptErrors)
  }
}

/** Hands on whole lines; returns false when one is too long. */
function lineSplitter(onLine: (line: string) => void): (chunk: Buffer) => boolean {
  const decoder = new StringDecoder('utf8')
  let pieces: string[] = []
  let length = 0
  return (chunk) => {
    const [first = '', ...rest] = decoder.write(chunk).split('\n')
    pieces.push(first)
    length += first.length
    for (const next of rest) {
      const line = pieces.join('')
      pieces = [next]
      length = next.length
      onLine(line)
    }
    return length <= longestMessage
  }
}
