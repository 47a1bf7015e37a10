// Commands held by the operating system. Anything added here becomes public API. Named exports only.

export { bubblewrap, type BubblewrapOptions } from './sandbox/bubblewrap.ts'
export {
  sandboxedWorkspace,
  type SandboxOptions,
  type SandboxedWorkspace,
} from './sandbox/sandboxed-workspace.ts'
export {
  sandboxEnvironment,
  type Sandbox,
  type SandboxLimits,
  type SandboxPolicy,
  type SandboxProbe,
  type Wrapped,
} from './sandbox/sandbox.ts'
