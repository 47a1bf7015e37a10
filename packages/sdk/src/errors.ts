// Every error that harnext throws or reports, also to be had alone.

export {
  AuthenticationError,
  BudgetExceeded,
  ConfigError,
  HarnextError,
  MCPConnectionError,
  MaxTurnsExceeded,
  PermissionDenied,
  ProviderError,
  RateLimitError,
  SessionCorrupt,
  SessionLocked,
  SessionNotFound,
  ToolError,
  ValidationError,
} from '@harnext/core'
