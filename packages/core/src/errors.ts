import type { ErrorOptions, ErrorRecord } from './error-record.ts'
import { HarnextError } from './harnext-error.ts'
import { isJsonObject, type Json } from './json.ts'

// Every error that harnext throws or reports.

export type { ErrorOptions, ErrorRecord } from './error-record.ts'
export { HarnextError, asHarnextError, messageOf } from './harnext-error.ts'

/**
 * What went wrong at the provider. `overflow`: the input does not fit the model's window. `output_limit`: more output was asked for than the model gives. `protocol`: an
 * answer that makes no sense.
 */
export type ProviderErrorKind =
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'invalid_request'
  | 'overflow'
  | 'output_limit'
  | 'rate_limit'
  | 'quota'
  | 'overloaded'
  | 'server'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'refused'
  | 'stream_truncated'
  | 'protocol'

export interface ProviderErrorOptions extends Omit<ErrorOptions, 'code'> {
  readonly kind: ProviderErrorKind
  readonly status?: number
  readonly requestId?: string
  /** Milliseconds that the provider asks to wait. */
  readonly retryAfterMs?: number
  /** What of the answer had already been passed on, as text. */
  readonly partial?: string
}

/** A model call failed. `code` is `provider_<kind>`. */
export class ProviderError extends HarnextError {
  readonly kind: ProviderErrorKind
  declare readonly status?: number
  declare readonly requestId?: string
  declare readonly retryAfterMs?: number
  /** What of the answer had already been passed on, as text; empty when nothing was. */
  readonly partial: string

  constructor(message: string, options: ProviderErrorOptions) {
    super(message, { ...options, code: `provider_${options.kind}` })
    this.kind = options.kind
    this.partial = options.partial ?? ''
    if (options.status !== undefined) this.status = options.status
    if (options.requestId !== undefined) this.requestId = options.requestId
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }

  protected override details(): { readonly [key: string]: Json } {
    const { kind, status, requestId, retryAfterMs, partial } = this
    return {
      kind,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { requestId }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(partial && { partial }),
    }
  }
}

/** As `instanceof ProviderError`, also for an error of another copy of this package. */
export function isProviderError(error: unknown): error is ProviderError {
  return HarnextError.is(error) && error.code.startsWith('provider_')
}

/** The key is missing, wrong or not allowed to do this. */
export class AuthenticationError extends ProviderError {}

export class RateLimitError extends ProviderError {
  /** Seconds that the provider asks to wait, if it said so. */
  get retryAfter(): number | undefined {
    return this.retryAfterMs === undefined ? undefined : this.retryAfterMs / 1000
  }
}

/** A tool failed. In a run this is a result for the model; `strict` makes `run()` throw it. */
export class ToolError extends HarnextError {
  readonly tool: string
  constructor(tool: string, message: string, options: ErrorOptions = {}) {
    super(message, { code: 'tool_error', ...options })
    this.tool = tool
  }
  protected override details(): { readonly [key: string]: Json } {
    return { tool: this.tool }
  }
}

/** A call was not permitted. `rule` names the rule that denied it, or the one that would permit it. */
export class PermissionDenied extends HarnextError {
  readonly tool: string
  declare readonly rule?: string
  constructor(
    tool: string,
    message: string,
    options: ErrorOptions & { readonly rule?: string } = {},
  ) {
    super(message, { code: 'permission_denied', ...options })
    this.tool = tool
    if (options.rule !== undefined) this.rule = options.rule
  }
  protected override details(): { readonly [key: string]: Json } {
    return { tool: this.tool, ...(this.rule !== undefined && { rule: this.rule }) }
  }
}

export class MaxTurnsExceeded extends HarnextError {
  readonly turns: number
  constructor(turns: number) {
    super(`The run reached its limit of ${turns} turns before the model was done.`, {
      code: 'max_turns',
    })
    this.turns = turns
  }
  protected override details(): { readonly [key: string]: Json } {
    return { turns: this.turns }
  }
}

export type BudgetKind = 'cost' | 'tokens' | 'duration' | 'tool_calls'

/** Where the account stood: dollars, tokens, milliseconds or calls, by `kind`. `needed` is what the refused call could have used. */
export interface BudgetSnapshot {
  readonly kind: BudgetKind
  readonly used: number
  readonly limit: number
  readonly needed: number
}

export class BudgetExceeded extends HarnextError {
  readonly snapshot: BudgetSnapshot
  constructor(message: string, snapshot: BudgetSnapshot) {
    super(message, { code: 'budget_exceeded' })
    this.snapshot = snapshot
  }
  protected override details(): { readonly [key: string]: Json } {
    return { snapshot: { ...this.snapshot } }
  }
}

export class SessionNotFound extends HarnextError {
  readonly sessionId: string
  constructor(sessionId: string, where: string) {
    super(`There is no session ${sessionId} in ${where}.`, { code: 'session_not_found' })
    this.sessionId = sessionId
  }
  protected override details(): { readonly [key: string]: Json } {
    return { sessionId: this.sessionId }
  }
}

/** Another process writes this session. `owner` says who, `since` since when (ISO 8601). */
export class SessionLocked extends HarnextError {
  readonly sessionId: string
  readonly owner: string
  readonly since: string
  constructor(sessionId: string, owner: string, since: string) {
    super(`Session ${sessionId} is in use by ${owner} since ${since}.`, {
      code: 'session_locked',
      retryable: true,
    })
    this.sessionId = sessionId
    this.owner = owner
    this.since = since
  }
  protected override details(): { readonly [key: string]: Json } {
    return { sessionId: this.sessionId, owner: this.owner, since: this.since }
  }
}

/** A session's log is damaged in its middle, at byte `offset`. What lies before loads. */
export class SessionCorrupt extends HarnextError {
  readonly sessionId: string
  readonly offset: number
  constructor(sessionId: string, offset: number, message: string) {
    super(`Session ${sessionId} is damaged at byte ${offset}: ${message}`, {
      code: 'session_corrupt',
    })
    this.sessionId = sessionId
    this.offset = offset
  }
  protected override details(): { readonly [key: string]: Json } {
    return { sessionId: this.sessionId, offset: this.offset }
  }
}

export class MCPConnectionError extends HarnextError {
  readonly server: string
  constructor(server: string, message: string, options: ErrorOptions = {}) {
    super(message, { code: 'mcp_connection', ...options })
    this.server = server
  }
  protected override details(): { readonly [key: string]: Json } {
    return { server: this.server }
  }
}

/** A setting makes no sense: the message says which, where, what is expected and what was found. */
export class ConfigError extends HarnextError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'config', ...options })
  }
}

/** A value does not have the shape that was asked for. */
export class ValidationError extends HarnextError {
  readonly issues: readonly string[]
  constructor(message: string, issues: readonly string[], options: ErrorOptions = {}) {
    super(message, { code: 'validation', ...options })
    this.issues = issues
  }
  protected override details(): { readonly [key: string]: Json } {
    return { issues: this.issues }
  }
}

const classes = {
  ProviderError,
  AuthenticationError,
  RateLimitError,
  ToolError,
  PermissionDenied,
  MaxTurnsExceeded,
  BudgetExceeded,
  SessionNotFound,
  SessionLocked,
  SessionCorrupt,
  MCPConnectionError,
  ConfigError,
  ValidationError,
}
// On the prototype, so that a name survives minifiers.
for (const [name, type] of Object.entries(classes))
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true })

/** An error of the log as its class again. An unknown name comes back as `HarnextError` with the same fields. */
export function errorFromRecord(record: ErrorRecord): HarnextError {
  const known = Object.entries(classes).find(([name]) => name === record.name)?.[1]
  const { message, code, retryable, details } = record
  // Only the base's constructor runs: what the classes add is in the details.
  const error: HarnextError = Reflect.construct(
    HarnextError,
    [message, { code, retryable }],
    known ?? HarnextError,
  )
  const fields = { ...(isProviderError(error) && { partial: '' }), ...details }
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'code' || key === 'retryable') continue
    Object.defineProperty(error, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return error
}

export function isErrorRecord(value: unknown): value is ErrorRecord {
  return (
    isJsonObject(value) && typeof value['name'] === 'string' && typeof value['message'] === 'string'
  )
}
