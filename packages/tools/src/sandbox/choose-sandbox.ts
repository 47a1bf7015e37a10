import { bubblewrap, type BubblewrapOptions } from './bubblewrap.ts'
import type { SandboxNetwork } from './network.ts'
import { sandboxRuntime } from './sandbox-runtime.ts'
import type { Sandbox } from './sandbox.ts'

/** Bubblewrap where it can do it: it starts in a tenth of the time and shares nothing between commands. */
export function chooseSandbox(network: SandboxNetwork, options: BubblewrapOptions = {}): Sandbox {
  const isListed = typeof network === 'object'
  return isListed || process.platform === 'darwin' ? sandboxRuntime(options) : bubblewrap(options)
}
