// The pipeline and its runner. Anything added here becomes public API. Named exports only.

export {
  Harness,
  type HarnessOptions,
  type SetupOptions,
  type StageOptions,
  type WriteResult,
} from './harness.ts'
export { packageRegistries } from './stage/package-registries.ts'
export type { StageSandbox, StageSettings } from './stage/stage.ts'
export type { Intake, MergeMethod } from './workflow/pipeline.ts'
export type { Completed, Processes, ProgramCall } from './processes.ts'
export {
  Runner,
  type InstallOptions,
  type InstallResult,
  type RunnerOptions,
  type RunnerStatus,
  type UninstallResult,
} from './runner/runner.ts'
export type { JobCounts } from './runner/jobs.ts'
export type { Machine } from './runner/machine.ts'
export type { ServiceName } from './runner/service.ts'
