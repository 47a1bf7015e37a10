// Tests for whoever writes a provider or a session store. Anything added here becomes public API. Named exports only.

export { replayCorpus, type CorpusResult, type FactoryFor } from './corpus/replay-corpus.ts'
export type { CorpusFile } from './corpus/corpus-file.ts'
export type { AdapterFactory, FactoryOptions } from './provider/factory.ts'
export {
  providerChecks,
  testProvider,
  type CheckResult,
  type TestProviderOptions,
} from './provider/test-provider.ts'
export { fuzzProvider, type FuzzOptions, type FuzzResult } from './provider/fuzz.ts'
export {
  evaluateCompaction,
  type CompactionEvalOptions,
  type CompactionEvalResult,
} from './compaction/evaluate.ts'
export { moveConversation, type HandoverStop } from './provider/handover.ts'
export { CheckFailed, type Law, type ProviderCheck } from './check.ts'
export { toScorecard, type Scorecard } from './provider/scorecard.ts'
export {
  inOrder,
  serveInOrder,
  startFixtureServer,
  type FixtureAnswer,
  type FixtureServer,
  type ReceivedRequest,
  type Respond,
  type ServeOptions,
} from './server/fixture-server.ts'
export { bytewise } from './server/split.ts'
export {
  collect as collectCall,
  shownText,
  type CollectOptions,
  type Collected as CollectedCall,
} from './provider/collect.ts'
export { randomConversation, type Speaker } from './provider/random-conversation.ts'
export { formatOf, wireFormats, type WireFormat } from './wire/formats.ts'
export type { TokenCounts, WireAnswer, WireCall } from './wire/answer.ts'
export { expectStablePrefix } from './stable-prefix.ts'
export {
  cutSessions,
  type CutProblem,
  type CutSessionsOptions,
  type CutSessionsResult,
} from './cuts/cut-sessions.ts'
export {
  sessionStoreChecks,
  testSessionStore,
  type SessionStoreCheck,
  type SessionStoreResult,
} from './store/test-session-store.ts'
export {
  crashMatrix,
  crashProgram,
  type CrashMatrixOptions,
  type CrashOptions,
  type CrashProblem,
  type CrashReport,
} from './crash/crash-matrix.ts'
export type { CrashCommand, CrashSubject, CrashWork } from './crash/subject.ts'
export type { CrashAgentParts } from './crash/task-agent.ts'
export { startTaskServer, type TaskServer } from './crash/task-server.ts'
export type { TaskCall } from './crash/task.ts'
