// For programs that are built on harnext, as its own command line and server: the settings of all places as the options of an agent.

export { howToConnect, providers, type ProviderStatus, type Scorecard } from './providers.ts'
export { collectSkills, skillCommand, type Skill } from '@harnext/tools/skills'
export { askForModels, providerReach, type Reach } from './reach.ts'
export { unheldServers } from './mcp.ts'
export { chooseSandbox, sandboxRuntime } from '@harnext/tools/sandbox'
export { isTrusted } from './config.ts'
export {
  McpServers,
  fileLogin,
  loopbackReceiver,
  oauthLogin,
  registeredClient,
  parseMcpFile,
  type ElicitationAnswer,
  type ElicitationRequest,
  type McpOAuth,
  type McpServerConfigs,
  type McpServerStatus,
  type OnElicitation,
  type StoredLogin,
} from '@harnext/mcp'
export { mcpLogins } from './mcp.ts'
export { resolveMcp, resolveSettings, type Resolved } from './settings.ts'
export type { UserQuestion } from '@harnext/tools'
export { undoableRuns, type UndoResult, type UndoableRun } from '@harnext/tools/undo'
export { undoSession } from './undo.ts'
export type { HarnextOptions } from './options.ts'
