import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { onAbort } from '../abort.ts'
import type { Command, Exit, SpawnOptions } from '../tool/workspace.ts'
import { findProgram, requireFolder } from './find-program.ts'
import { observe, type Observed } from './observe.ts'
import { endSession, groupExists } from './process-group.ts'
import type { ProcessEntry, ProcessTable } from './process-table.ts'
import { systemError } from './system-error.ts'

/**
 * Waits for a word on descriptor 3 and becomes the command. When the parent dies first, `read` sees the end of the file and nothing
 * runs. `command` is there because an exported function may be called `read`.
 */
const gate = 'command read -r go <&3 || exit 126; exec 3<&-; exec "$@"'
/** The same with a watcher in the group: a pipe that ends without a second word is that of a parent that died. */
const tiedGate = `command read -r go <&3 || exit 126
( command read -r over <&3 || { trap '' TERM; kill -TERM 0; sleep 1; kill -KILL 0; } ) </dev/null >/dev/null 2>&1 &
exec 3<&-; exec "$@"`

/** What ends by itself within this time after its leader was not left behind. */
const lingerMs = 100
const giveUpMs = 1000

export interface ProcessHost {
  readonly cwd: string
  readonly table: ProcessTable
  environment(): { readonly [name: string]: string }
}

/**
 * `Workspace.spawn` on this machine. The command leads a session and a group of its own. Throws `ENOENT` or `EACCES` when there is
 * no such program or folder, the signal's reason when it was aborted before anything ran, and what `onStart` or `onOutput` threw.
 */
export async function runProcess(
  command: Command,
  options: SpawnOptions,
  host: ProcessHost,
): Promise<Exit> {
  const cwd = command.cwd ?? host.cwd
  const env = command.env ?? host.environment()
  await requireFolder(cwd)
  const program = await findProgram(command.program, cwd, env)
  options.signal.throwIfAborted()
  const child = spawn(
    '/bin/sh',
    ['-c', options.tied ? tiedGate : gate, 'sh', ...withOddNames(env, program), ...command.args],
    {
      cwd,
      env,
      detached: true,
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
    },
  )
  const observed = observe(child, options)
  try {
    await once(child, 'spawn')
    child.stdin?.end(command.input)
    return await supervise(child, observed, options, host.table)
  } finally {
    // The end of the gate's pipe is what ends a gate that was not opened.
    for (const stream of child.stdio) stream?.destroy()
  }
}

/**
 * A shell passes on only variables with names that it could use itself. Others, as exported functions of bash, go around it: the
 * program becomes an argument of `env`. For that moment they are seen in the table of processes.
 */
function withOddNames(
  environment: { readonly [name: string]: string },
  program: string,
): readonly string[] {
  const odd = Object.entries(environment).filter(([name]) => !/^([A-Za-z_]\w*|-.*|)$/.test(name))
  if (odd.length === 0 || program.includes('=')) return [program]
  return ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`), program]
}

async function supervise(
  child: ChildProcess,
  observed: Observed,
  options: SpawnOptions,
  table: ProcessTable,
): Promise<Exit> {
  const leader = await identify(child, table)
  let ending: Promise<boolean> | undefined
  const end = (): Promise<boolean> => (ending ??= endSession(leader, table))
  const abort = Promise.withResolvers<Exit>()
  const leave = onAbort(options.signal, () => {
    void end().then(() => giveUp(abort.resolve), abort.reject)
  })
  const outcome = Promise.race([observed.exited, observed.failed, abort.promise])
  // When the gate stays shut, what happens to it is of no interest.
  outcome.catch(() => {})
  try {
    await openGate(child, leader, options, outcome)
    const exit = await outcome
    if (options.tied) say(child, 'over\n')
    const wasAborted = ending !== undefined
    const ended = await (ending ?? endLeftovers(leader.pid, observed, end))
    await observed.drained()
    const leftovers = ended && !wasAborted
    return leftovers ? { ...exit, leftovers } : exit
  } catch (error) {
    await end()
    throw error
  } finally {
    leave()
  }
}

/** A leader that hangs inside the kernel outlasts even SIGKILL; any other has told its exit long before this. */
async function giveUp(resolve: (exit: Exit) => void): Promise<void> {
  await delay(giveUpMs, undefined, { ref: false })
  resolve({ code: null, signal: 'SIGKILL' })
}

async function identify(child: ChildProcess, table: ProcessTable): Promise<ProcessEntry> {
  const entry = child.pid === undefined ? null : await table.find(child.pid)
  if (entry) return entry
  throw systemError('ESRCH', 'the process was ended before it could begin', child.spawnfile)
}

async function openGate(
  child: ChildProcess,
  leader: ProcessEntry,
  options: SpawnOptions,
  outcome: Promise<unknown>,
): Promise<void> {
  const { pid, startedAt } = leader
  // A record that takes for ever must not hold up a cancelled run.
  if (options.onStart) await Promise.race([options.onStart({ pid, startedAt }), outcome])
  if (!options.signal.aborted) say(child, 'go\n', !options.tied)
}

function say(child: ChildProcess, word: string, isLast = true): void {
  const pipe = child.stdio[3]
  if (!pipe || !('end' in pipe)) return
  if (isLast) pipe.end(word)
  else pipe.write(word)
}

/** Ends what the command left behind; resolves to whether there was anything. */
async function endLeftovers(
  group: number,
  observed: Observed,
  end: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + lingerMs
  await Promise.race([observed.closed, delay(lingerMs, undefined, { ref: false })])
  while (groupExists(group) && performance.now() < deadline) await delay(10)
  // Open pipes may also be held by a group that a shell's job control made, which the kernel cannot be asked for.
  return observed.isClosed() && !groupExists(group) ? false : end()
}
