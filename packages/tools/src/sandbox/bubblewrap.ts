import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter } from 'node:path'
import { isBelow, messageOf, ToolError } from '@harnext/core'
import { limited } from './limits.ts'
import { isFolder, masksOf, Placeholders } from './masks.ts'
import { programPath } from './program-path.ts'
import type { Sandbox, SandboxPolicy, SandboxProbe, Wrapped } from './sandbox.ts'

const probeMs = 10_000

export interface BubblewrapOptions {
  /** Where `PATH` is looked up, for the program. @default process.env */
  readonly env?: { readonly [name: string]: string | undefined }
}

/**
 * Bubblewrap, which Linux distributions have as a package. A command sees the machine read-only, its roots to write to, an empty `/tmp`,
 * no other process, and no network unless the policy gives it all of it. Keys in the home and in the roots are not there for it.
 */
export function bubblewrap({ env = process.env }: BubblewrapOptions = {}): Sandbox {
  const searchPath = env['PATH'] ?? '/usr/bin:/bin'
  let probed: Promise<SandboxProbe> | undefined
  const placeholders = new Placeholders()
  return {
    name: 'bubblewrap',
    probe: () => (probed ??= probe(searchPath)),
    async wrap(command, policy): Promise<Wrapped> {
      if (typeof policy.network === 'object')
        throw new ToolError(
          'bash',
          'bubblewrap has the network or has none, and no list of domains.',
        )
      const { hidden, readOnly, absent } = await masksOf(policy)
      const { writes = true } = policy
      // What hides the folder around a root must lie below the root.
      const holdsRoot = (path: string): boolean => policy.roots.some((root) => isBelow(root, path))
      placeholders.hold(absent)
      const args = [
        ...machine(policy),
        ...neededBelow(emptied, policy).flatMap((path) => ['--ro-bind', path, path]),
        ...hidden.filter(holdsRoot).flatMap(hide),
        ...policy.roots.flatMap((root) => [writes ? '--bind' : '--ro-bind', root, root]),
        ...hidden.filter((path) => !holdsRoot(path)).flatMap(hide),
        ...readOnly.flatMap((path) => ['--ro-bind', path, path]),
        ...absent.flatMap((path) => ['--ro-bind', '/dev/null', path]),
        '--chdir',
        command.cwd ?? policy.roots[0] ?? '/',
        '--',
        ...limited(command, policy.limits),
      ]
      return {
        command: {
          ...command,
          program: programPath('bwrap', searchPath, policy.roots) ?? 'bwrap',
          args,
          env: policy.environment,
        },
        release: () => placeholders.release(absent),
      }
    },
  }
}

/** What other programs put there is nothing to a command. */
export const emptied: readonly string[] = ['/tmp', '/run']

/**
 * What a command needs all the same of folders that are empty for it: programs where the person has them (below `/run` in NixOS), and how
 * names are resolved.
 */
export function neededBelow(
  folders: readonly string[],
  { environment, network = false }: Pick<SandboxPolicy, 'environment' | 'network'>,
): readonly string[] {
  const isEmptied = (path: string): boolean => folders.some((folder) => isBelow(path, folder))
  const programs = (environment['PATH'] ?? '').split(delimiter).filter(isFolder)
  const resolver = '/etc/resolv.conf'
  const names = network && existsSync(resolver) ? [realpathSync(resolver)] : []
  return [...programs, ...names].filter(isEmptied)
}

function hide(path: string): readonly string[] {
  return isFolder(path) ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path]
}

function machine({ network = false }: Pick<SandboxPolicy, 'network'>): readonly string[] {
  return [
    '--die-with-parent',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(network ? [] : ['--unshare-net']),
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    ...emptied.flatMap((folder) => ['--tmpfs', folder]),
    '--cap-drop',
    'ALL',
  ]
}

async function probe(searchPath: string): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return { works: false, reason: 'bubblewrap is for Linux alone' }
  const program = programPath('bwrap', searchPath, [])
  if (program === null)
    return {
      works: false,
      reason: 'bwrap is not installed',
      todo: 'Install bubblewrap (apt, dnf and apk have it under this name).',
    }
  const { promise, resolve } = Promise.withResolvers<SandboxProbe>()
  execFile(
    program,
    [...machine({}), '--', '/bin/sh', '-c', ':'],
    { timeout: probeMs },
    (error, _out, stderr) => {
      if (!error) resolve({ works: true, enforces })
      else
        resolve({
          works: false,
          reason: `bwrap does not work here: ${stderr.trim() || messageOf(error)}`,
          todo: 'Let it make user namespaces: under Ubuntu 24.04 and later by an AppArmor profile for bwrap with `userns`; in a container by a seccomp profile that has them, as --security-opt seccomp=unconfined of Docker.',
        })
    },
  )
  return promise
}

export const enforces: readonly string[] = [
  'only the roots can be written to',
  'settings that programs obey are read-only',
  'keys are not visible',
  'limits of CPU, memory, processes and output',
]
