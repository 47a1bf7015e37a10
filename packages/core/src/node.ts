// What runs on Node only. Anything added here becomes public API. Named exports only.

export { childEnvironment } from './workspace/child-environment.ts'
export { localWorkspace, type LocalWorkspaceOptions } from './workspace/local-workspace.ts'
export { makeFolder } from './workspace/make-folder.ts'
export { readSettingsFile } from './workspace/read-settings-file.ts'
export { fileHandles } from './workspace/handle-files.ts'
export { jsonlStore, type JsonlStoreOptions } from './session/jsonl-store.ts'
export { lockFile, type FileLock, type FileLockOptions } from './session/file-lock.ts'
export { nodeFetch, type NodeFetchOptions } from './transport/node-fetch.ts'
export {
  auditFile,
  auditedStore,
  verifyAudit,
  type AuditOptions,
  type AuditReport,
} from './audit/audit.ts'
