// Commands held by the operating system. Anything added here becomes public API. Named exports only.

export { bubblewrap, type BubblewrapOptions } from './sandbox/bubblewrap.ts'
export { chooseSandbox } from './sandbox/choose-sandbox.ts'
export {
  programHolder,
  type HeldProgramSettings,
  type ProgramHolderOptions,
} from './sandbox/hold-program.ts'
export type { SandboxLimits } from './sandbox/limits.ts'
export { networkWords, type SandboxNetwork } from './sandbox/network.ts'
export { sandboxRuntime } from './sandbox/sandbox-runtime.ts'
export {
  sandboxedWorkspace,
  type SandboxOptions,
  type SandboxedWorkspace,
} from './sandbox/sandboxed-workspace.ts'
export {
  sandboxEnvironment,
  type Sandbox,
  type SandboxPolicy,
  type SandboxProbe,
  type Wrapped,
} from './sandbox/sandbox.ts'
