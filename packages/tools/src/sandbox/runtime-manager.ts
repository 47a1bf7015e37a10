import { fileURLToPath } from 'node:url'
import type { SandboxManager } from '@anthropic-ai/sandbox-runtime'
import { messageOf, ToolError } from '@harnext/core'
import { watchBridge } from './watch-bridge.ts'

export type RuntimeManager = typeof SandboxManager

export interface UsedRuntime {
  readonly manager: RuntimeManager
  /** Once: the proxies end with the last one that is released. */
  release(): Promise<void>
}

const packageName = '@anthropic-ai/sandbox-runtime'

// The package keeps one manager for the process, so that its users are counted for the process, too.
let users = 0
let opened: Promise<RuntimeManager> | undefined
let closed: Promise<void> = Promise.resolve()
let unwatch: (() => void) | undefined

/** Starts its proxies for the first user. Programs are found by the absolute paths that are given. */
export async function useRuntime(programs: RuntimePrograms): Promise<UsedRuntime> {
  users++
  opened ??= closed.then(() => open(programs))
  const opening = opened
  let isReleased = false
  const release = async (): Promise<void> => {
    if (isReleased) return
    isReleased = true
    if (--users > 0) return
    opened = undefined
    closed = close(opening)
    await closed
  }
  try {
    return { manager: await opening, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Of Linux; macOS needs none. */
export interface RuntimePrograms {
  readonly bwrapPath?: string
  readonly socatPath?: string
  readonly ripgrep?: { readonly command: string }
}

/** Throws where the package is not installed. */
export async function loadRuntime(): Promise<RuntimeManager> {
  const { SandboxManager: manager } = await import('@anthropic-ai/sandbox-runtime')
  return manager
}

/** The package's folder, which its helpers are in. */
export function runtimeFolder(): string {
  return fileURLToPath(new URL('..', import.meta.resolve(packageName)))
}

async function open(programs: RuntimePrograms): Promise<RuntimeManager> {
  const manager = await loadRuntime()
  if (manager.getProxyPort() !== undefined)
    throw new ToolError('bash', `This program uses ${packageName} itself, which has one manager.`)
  const before = signals.map((signal) => process.listeners(signal))
  await manager.initialize({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
    ...programs,
  })
  for (const [index, signal] of signals.entries())
    for (const listener of process.listeners(signal))
      if (!before[index]?.includes(listener)) process.off(signal, listener)
  for (const signal of signals) process.once(signal, endWith)
  const socket = manager.getLinuxHttpSocketPath()
  try {
    if (socket !== undefined) unwatch = await watchBridge(socket)
  } catch (error) {
    await manager.reset()
    throw error
  }
  return manager
}

async function close(opening: Promise<RuntimeManager>): Promise<void> {
  for (const signal of signals) process.off(signal, endWith)
  const manager = await opening.catch(() => undefined)
  await manager?.reset()
  unwatch?.()
  unwatch = undefined
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** The package's own listeners would keep a program alive that has none itself; its proxies have to end all the same. */
function endWith(signal: NodeJS.Signals): void {
  void opened
    ?.then((manager) => manager.reset())
    .catch((error: unknown) => {
      process.stderr.write(`The proxies of ${packageName} were not ended: ${messageOf(error)}\n`)
    })
    .finally(() => {
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    })
}
