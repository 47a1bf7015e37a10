import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { isBelow, messageOf, type Command } from '@harnext/core'
import { isFolder, masksOf, removePlaceholder } from './masks.ts'
import {
  defaultLimits,
  type Sandbox,
  type SandboxLimits,
  type SandboxPolicy,
  type SandboxProbe,
  type Wrapped,
} from './sandbox.ts'

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
  /** How many commands need an empty file in the place of something absent. */
  const placeholders = new Map<string, number>()
  return {
    name: 'bubblewrap',
    probe: () => (probed ??= probe(searchPath)),
    async wrap(command, policy): Promise<Wrapped> {
      const { hidden, readOnly, absent } = await masksOf(policy)
      // What hides the folder around a root must lie below the root.
      const holdsRoot = (path: string): boolean => policy.roots.some((root) => isBelow(root, path))
      for (const path of absent) placeholders.set(path, (placeholders.get(path) ?? 0) + 1)
      const args = [
        ...machine(policy),
        ...hidden.filter(holdsRoot).flatMap(hide),
        ...policy.roots.flatMap((root) => ['--bind', root, root]),
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
          program: programPath(searchPath, policy.roots) ?? 'bwrap',
          args,
          env: policy.environment,
        },
        async release() {
          for (const path of absent) {
            const left = (placeholders.get(path) ?? 1) - 1
            if (left > 0) placeholders.set(path, left)
            else placeholders.delete(path)
            if (left <= 0) await removePlaceholder(path)
          }
        },
      }
    },
  }
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
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    '--cap-drop',
    'ALL',
  ]
}

/** Limits are those of the shell that becomes the command. */
function limited({ program, args }: Command, limits: SandboxLimits = {}): readonly string[] {
  const { cpuSeconds, processes, memoryBytes, fileBytes } = { ...defaultLimits(), ...limits }
  // The letter of the last differs between shells. What cannot be set is held to less already.
  const set = [
    `ulimit -t ${Math.ceil(cpuSeconds)}`,
    `ulimit -d ${Math.ceil(memoryBytes / 1024)}`,
    `ulimit -f ${Math.ceil(fileBytes / 512)}`,
    `ulimit -u ${processes} || ulimit -p ${processes}`,
  ]
  const script = `{ ${set.join('; ')}; } 2>/dev/null; exec "$@"`
  return ['/bin/sh', '-c', script, 'sh', program, ...args]
}

async function probe(searchPath: string): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return { works: false, reason: 'bubblewrap is for Linux alone' }
  const program = programPath(searchPath, [])
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

const enforces: readonly string[] = [
  'only the roots can be written to',
  'settings that programs obey are read-only',
  'keys are not visible',
  'limits of CPU, memory, processes and output',
  'no network',
]

/** From the search path, but not from a root: what an agent can write must not be what holds it. */
function programPath(searchPath: string, roots: readonly string[]): string | null {
  for (const folder of searchPath.split(delimiter)) {
    const program = join(folder, 'bwrap')
    if (!isAbsolute(program) || !isProgram(program)) continue
    const real = realpathSync(program)
    if (!roots.some((root) => isBelow(real, root))) return real
  }
  return null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not to be run: the next folder.
    return false
  }
}
