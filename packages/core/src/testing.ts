// For tests of agents, without a network and without a mock written by hand. Anything added here becomes public API.

export {
  call,
  scripted,
  type ScriptedAdapter,
  type ScriptedAnswer,
  type ScriptedOptions,
  type ScriptedStep,
} from './testing/scripted.ts'
export { collect } from './testing/collect.ts'
export type { CassetteOptions } from './testing/cassette.ts'
export { record, type RecordOptions } from './testing/record.ts'
export { replay, type ReplayAdapter } from './testing/replay.ts'
