import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { messageOf, ToolError, type Command } from '@harnext/core'
import { emptied, enforces, neededBelow, type BubblewrapOptions } from './bubblewrap.ts'
import { limited } from './limits.ts'
import { masksOf, Placeholders, type Masks } from './masks.ts'
import { domainPatterns } from './network.ts'
import { programPath } from './program-path.ts'
import {
  loadRuntime,
  runtimeFolder,
  useRuntime,
  type RuntimeManager,
  type RuntimePrograms,
} from './runtime-manager.ts'
import type { Sandbox, SandboxPolicy, SandboxProbe, Wrapped } from './sandbox.ts'

const probeMs = 30_000

/**
 * `@anthropic-ai/sandbox-runtime`, for Linux and macOS: a command sees what it sees in `bubblewrap`, and reaches the domains of its policy
 * through a proxy of this process. It is loaded with the first command, and works where it, bubblewrap, socat and ripgrep are installed.
 */
export function sandboxRuntime({ env = process.env }: BubblewrapOptions = {}): Sandbox {
  const searchPath = env['PATH'] ?? '/usr/bin:/bin'
  const placeholders = new Placeholders()
  let probed: Promise<SandboxProbe> | undefined
  return {
    name: 'sandbox-runtime',
    probe: () => (probed ??= probe(searchPath)),
    async keepReady() {
      const { release } = await useRuntime(programsOf(searchPath, []))
      return release
    },
    async wrap(command, policy) {
      const masks = await masksOf(policy)
      const wrapped = await wrap(command, policy, { masks, searchPath })
      placeholders.hold(masks.absent)
      return {
        command: wrapped.command,
        async release() {
          await wrapped.release()
          await placeholders.release(masks.absent)
        },
      }
    },
  }
}

async function wrap(
  command: Command,
  policy: SandboxPolicy,
  { masks, searchPath }: { readonly masks: Masks; readonly searchPath: string },
): Promise<Wrapped> {
  const { network = false, roots } = policy
  if (network === true)
    throw new ToolError(
      'bash',
      'sandbox-runtime lets a command reach domains, and never all of the network.',
    )
  const { manager, release } = await useRuntime(programsOf(searchPath, roots))
  // Nobody else may guess it: whoever says it to the proxy reaches these domains.
  const commandId = randomBytes(24).toString('base64url')
  try {
    manager.registerCommandNetworkLists(commandId, {
      allowedDomains: [...domainPatterns(network === false ? [] : network.allow)],
    })
    const { argv } = await manager.wrapWithSandboxArgv(
      lineOf(command, policy),
      undefined,
      { filesystem: filesOf(policy, masks, manager) },
      undefined,
      command.cwd ?? roots[0],
      { commandId },
    )
    const [program = '', ...args] = argv
    return {
      command: { ...command, program, args, env: policy.environment },
      async release() {
        manager.unregisterCommandNetworkLists(commandId)
        manager.cleanupAfterCommand()
        await release()
      },
    }
  } catch (error) {
    manager.unregisterCommandNetworkLists(commandId)
    await release()
    throw error
  }
}

/** It gives a temporary folder of its own to macOS, where none can be put over that of the machine. */
function lineOf(command: Command, { limits }: SandboxPolicy): string {
  const words = limited(command, limits).map(quoted).join(' ')
  return isLinux() ? `TMPDIR=/tmp exec ${words}` : `exec ${words}`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

type Files = NonNullable<
  NonNullable<Parameters<RuntimeManager['wrapWithSandboxArgv']>[2]>['filesystem']
>

function filesOf(
  policy: SandboxPolicy,
  { hidden, readOnly, absent }: Masks,
  manager: RuntimeManager,
): Files {
  const literal = (path: string) => ({ path, literal: true as const })
  const socket = manager.getLinuxHttpSocketPath()
  const emptyHere = isLinux() ? emptied : []
  // What it would otherwise let every command write to.
  const conveniences = ['.npm/_logs', '.claude/debug'].map((name) => join(homedir(), name))
  const needed = [runtimeFolder(), ...(socket === undefined ? [] : [socket])]
  return {
    denyRead: [...emptyHere, ...conveniences, ...hidden].map(literal),
    allowRead: [...policy.roots, ...needed, ...neededBelow(emptyHere, policy)].map(literal),
    allowWrite: policy.writes === false ? [] : policy.roots.map(literal),
    denyWrite: [...readOnly, ...absent].map(literal),
  }
}

function isLinux(): boolean {
  return process.platform === 'linux'
}

function programsOf(searchPath: string, roots: readonly string[]): RuntimePrograms {
  const [bwrapPath, socatPath, command] = programs.map(
    (name) => programPath(name, searchPath, roots) ?? undefined,
  )
  return {
    ...(bwrapPath !== undefined && { bwrapPath }),
    ...(socatPath !== undefined && { socatPath }),
    ...(command !== undefined && { ripgrep: { command } }),
  }
}

const programs = ['bwrap', 'socat', 'rg'] as const

async function probe(searchPath: string): Promise<SandboxProbe> {
  let manager: RuntimeManager
  try {
    manager = await loadRuntime()
  } catch (error) {
    return {
      works: false,
      reason: isMissing(error)
        ? 'sandbox-runtime is not installed'
        : `sandbox-runtime cannot be loaded: ${messageOf(error)}`,
      todo: 'Install @anthropic-ai/sandbox-runtime beside harnext; a list of domains needs it.',
    }
  }
  if (!manager.isSupportedPlatform())
    return { works: false, reason: `sandbox-runtime does not support ${process.platform}` }
  const needed = isLinux() ? programs : []
  const missing = needed.filter((name) => programPath(name, searchPath, []) === null)
  if (missing.length > 0)
    return {
      works: false,
      reason: `sandbox-runtime needs ${missing.join(', ')}, not installed here`,
      todo: 'Install bubblewrap, socat and ripgrep (apt, dnf and apk have them under these names).',
    }
  return tryOne(searchPath)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

async function tryOne(searchPath: string): Promise<SandboxProbe> {
  const policy = { roots: [], environment: { PATH: searchPath } }
  const masks = { hidden: [], readOnly: [], absent: [] }
  try {
    const { command, release } = await wrap({ program: '/bin/sh', args: ['-c', ':'] }, policy, {
      masks,
      searchPath,
    })
    const { promise, resolve } = Promise.withResolvers<SandboxProbe>()
    const { program, args, env = {} } = command
    execFile(program, args, { timeout: probeMs, env, cwd: '/' }, (error, _out, stderr) => {
      if (!error) resolve({ works: true, enforces })
      else
        resolve({
          works: false,
          reason: `sandbox-runtime does not work here: ${stderr.trim() || messageOf(error)}`,
          todo: 'Let bubblewrap make user namespaces, as `harnext doctor` says of it.',
        })
    })
    return await promise.finally(release)
  } catch (error) {
    return { works: false, reason: `sandbox-runtime does not work here: ${messageOf(error)}` }
  }
}
