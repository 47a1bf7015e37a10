// The MCP client. Anything added here becomes public API. Named exports only.

export { McpServers, type McpOptions } from './mcp-servers.ts'
export type { McpServerStatus } from './status.ts'
export {
  parseMcpFile,
  parseMcpServers,
  type McpHttpServer,
  type McpMode,
  type McpOAuth,
  type McpSandbox,
  type McpServerConfig,
  type McpServerConfigs,
  type McpStdioServer,
} from './server-config.ts'
export type { ElicitationAnswer, ElicitationRequest, OnElicitation } from './elicitation.ts'
export type { HoldServer } from './connection.ts'
export type { Environment } from './expand.ts'
export { fileLogin, type FileLogin } from './file-login.ts'
export { filePins, memoryPins, type PinStore } from './pins.ts'
export { loopbackReceiver, type LoopbackReceiver } from './loopback-receiver.ts'
export {
  oauthLogin,
  registeredClient,
  type LoginOptions,
  type LoginStore,
  type McpLogin,
  type StoredLogin,
} from './login.ts'
export type { McpPrompt } from './prompts.ts'
