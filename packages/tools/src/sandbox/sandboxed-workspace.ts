import {
  ConfigError,
  ToolError,
  type SpawnOptions,
  type ToolSource,
  type Workspace,
} from '@harnext/core'
import { chooseSandbox } from './choose-sandbox.ts'
import { defaultLimits, type SandboxLimits } from './limits.ts'
import { checkedNetwork, networkWords, type SandboxNetwork } from './network.ts'
import { sandboxEnvironment, whyNot, type Sandbox } from './sandbox.ts'

export interface SandboxOptions {
  /** `auto`: where it works; `required`: nothing runs where it does not. */
  readonly mode: 'auto' | 'required'
  /** @default the one that can hold commands to `network` on this machine */
  readonly sandbox?: Sandbox
  /** Domains need `@anthropic-ai/sandbox-runtime`. @default false */
  readonly network?: SandboxNetwork
  /** What of a run is not held, for the first line of a run: `the MCP server docs`. */
  readonly outside?: readonly string[]
  /** In the place of the defaults of the same name. */
  readonly limits?: SandboxLimits
  /** What the environment of commands is chosen from. @default process.env */
  readonly env?: { readonly [name: string]: string | undefined }
}

export interface SandboxedWorkspace {
  readonly workspace: Workspace
  /** Looks when a run begins whether it works, says what is enforced, and with `required` fails where nothing is. */
  readonly source: ToolSource
}

/**
 * A workspace whose processes run in a sandbox; files are read and written as before, because permissions decide on those. Throws `ConfigError`
 * for what is no domain.
 */
export function sandboxedWorkspace(
  workspace: Workspace,
  options: SandboxOptions,
): SandboxedWorkspace {
  const { mode, limits, env = process.env } = options
  const network = checkedNetwork(options.network ?? false)
  const sandbox = options.sandbox ?? chooseSandbox(network, { env })
  const { outside = [] } = options
  const beyond = outside.length > 0 ? ` Not held: ${outside.join(', ')}.` : ''
  let sandboxed = false
  const policy = {
    roots: workspace.roots,
    ...(workspace.home !== undefined && { home: workspace.home }),
    network,
    ...(limits && { limits }),
  }
  const look = async (): Promise<string> => {
    const probe = await sandbox.probe()
    sandboxed = probe.works
    if (probe.works)
      return `Commands run in a sandbox (${sandbox.name}): ${[...probe.enforces, networkWords(network)].join('; ')}.${beyond}`
    if (mode === 'required')
      throw new ConfigError(`A sandbox is required, and there is none: ${whyNot(probe)}`)
    return `Commands run without a sandbox: ${whyNot(probe)}`
  }
  const wrapped: Workspace = {
    ...workspace,
    get sandboxed() {
      return sandboxed
    },
    async spawn(command, spawnOptions) {
      await look()
      if (!sandboxed) return workspace.spawn(command, spawnOptions)
      const environment = sandboxEnvironment(command.env ?? env, network === false ? {} : caches)
      const { command: held, release } = await sandbox.wrap(command, { ...policy, environment })
      try {
        return await workspace.spawn(held, counted(spawnOptions, limits))
      } finally {
        await release()
      }
    },
  }
  return {
    workspace: wrapped,
    source: {
      async open() {
        const message = await look()
        const close = (sandboxed && (await sandbox.keepReady?.())) || (async () => {})
        return { tools: [], warnings: [{ code: 'sandbox', message }], close }
      },
    },
  }
}

/** What is installed comes by the network, and goes by a cache, which is in a home that cannot be written to. */
const caches = { npm_config_cache: '/tmp/npm', XDG_CACHE_HOME: '/tmp/cache' }

/** A command that prints without end would fill the disk. */
function counted(options: SpawnOptions, limits: SandboxLimits = {}): SpawnOptions {
  const { outputBytes } = { ...defaultLimits(), ...limits }
  let bytes = 0
  return {
    ...options,
    onOutput(chunk, stream) {
      bytes += chunk.length
      if (bytes > outputBytes)
        throw new ToolError(
          'bash',
          `The command was ended: it printed more than ${outputBytes} bytes.`,
        )
      options.onOutput(chunk, stream)
    },
  }
}
