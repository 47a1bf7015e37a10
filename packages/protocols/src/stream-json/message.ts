import type {
  CheckEvidence,
  Json,
  RunStopReason,
  ToolReason,
  ToolStatus,
  Verification,
} from '@harnext/core'

/**
 * One line of `--output-format stream-json`: the outer shapes of Claude Code's headless mode that people script against. A line that
 * belongs to a subagent has the id of the call that began it in `parent_tool_use_id`.
 *
 * Where they differ: `uuid` is unique but not a UUID unless the option gives one; signatures of thinking stay in the log; costs are
 * `null` where no price is known.
 */
export type StreamJsonMessage =
  | StreamJsonInit
  | StreamJsonAssistant
  | StreamJsonUser
  | StreamJsonStreamEvent
  | StreamJsonToolProgress
  | StreamJsonNotice
  | StreamJsonResult
  | StreamJsonControlRequest
  | StreamJsonControlCancel
  | StreamJsonControlResponse

interface Line {
  readonly uuid: string
  readonly session_id: string
}
interface AgentLine extends Line {
  readonly parent_tool_use_id: string | null
}

/** First in each run. */
export interface StreamJsonInit extends Line {
  readonly type: 'system'
  readonly subtype: 'init'
  readonly model: string
  readonly tools: readonly string[]
  readonly mcp_servers: readonly { readonly name: string; readonly status: string }[]
  readonly slash_commands: readonly string[]
  readonly agents: readonly string[]
  readonly skills: readonly string[]
  readonly cwd?: string
  /** In Claude Code's names: `default`, `acceptEdits`, `plan`, `bypassPermissions`, and `auto`. */
  readonly permissionMode?: string
}

/** A whole answer of the model. */
export interface StreamJsonAssistant extends AgentLine {
  readonly type: 'assistant'
  readonly message: {
    readonly id: string
    readonly type: 'message'
    readonly role: 'assistant'
    readonly model: string
    readonly content: readonly StreamJsonBlock[]
    readonly stop_reason: string | null
    readonly stop_sequence: null
    /** All 0 while the answer streams, and where the provider did not say. */
    readonly usage: StreamJsonUsage
  }
}

export type StreamJsonBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Json }

export interface StreamJsonUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens: number
  readonly cache_creation_input_tokens: number
}

/** The result of one call; with `isReplay`, what the person said. */
export interface StreamJsonUser extends AgentLine {
  readonly type: 'user'
  readonly message: {
    readonly role: 'user'
    readonly content: readonly (StreamJsonToolResult | StreamJsonContent)[]
  }
  /** What the block has no field for. */
  readonly tool_use_result?: {
    readonly status: ToolStatus
    readonly reason?: ToolReason
    /** Absolute paths that the call wrote. */
    readonly changes?: readonly string[]
    readonly duration_ms: number
  }
  readonly isReplay?: true
}

export interface StreamJsonToolResult {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  /** Text, or blocks where there is more than text. */
  readonly content: string | readonly StreamJsonContent[]
  readonly is_error: boolean
}

export type StreamJsonContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly source: StreamJsonSource }
  | { readonly type: 'document'; readonly source: StreamJsonSource; readonly title?: string }

export type StreamJsonSource =
  | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }

/** With `includePartialMessages`: the answer while it streams, as Anthropic's raw events. The `assistant` line follows. */
export interface StreamJsonStreamEvent extends AgentLine {
  readonly type: 'stream_event'
  readonly event: StreamJsonRawEvent
}

export type StreamJsonRawEvent =
  | {
      readonly type: 'message_start'
      readonly message: StreamJsonAssistant['message']
    }
  | {
      readonly type: 'content_block_start'
      readonly index: number
      readonly content_block: StreamJsonBlock
    }
  | {
      readonly type: 'content_block_delta'
      readonly index: number
      readonly delta:
        | { readonly type: 'text_delta'; readonly text: string }
        | { readonly type: 'thinking_delta'; readonly thinking: string }
        | { readonly type: 'input_json_delta'; readonly partial_json: string }
    }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta'
      readonly delta: { readonly stop_reason: string; readonly stop_sequence: null }
      readonly usage: StreamJsonUsage
    }
  | { readonly type: 'message_stop' }

/** `update` is what the tool said. There is no elapsed time: events have no clock. */
export interface StreamJsonToolProgress extends AgentLine {
  readonly type: 'tool_progress'
  readonly tool_use_id: string
  readonly tool_name: string
  readonly update: Json
}

/** The first four are Claude Code's; `warning`, `fallback` and the budget's are ours. */
export type StreamJsonNotice = Line & { readonly type: 'system' } & (
    | {
        readonly subtype: 'compact_boundary'
        readonly compact_metadata: {
          readonly trigger: 'auto' | 'manual'
          readonly pre_tokens: number
          readonly post_tokens: number
        }
      }
    | {
        readonly subtype: 'api_retry'
        readonly attempt: number
        readonly max_retries: number
        readonly retry_delay_ms: number
        readonly error_status: number | null
        /** `rate_limit`, `overloaded`, `server_error`, `authentication_failed`, … */
        readonly error: string
      }
    | {
        readonly subtype: 'task_started'
        readonly task_id: string
        readonly tool_use_id: string
        readonly subagent_type: string
        readonly description: string
      }
    | {
        readonly subtype: 'task_notification'
        readonly task_id: string
        readonly status: 'completed' | 'failed' | 'stopped'
        readonly summary: string
      }
    | { readonly subtype: 'warning'; readonly code: string; readonly message: string }
    | {
        readonly subtype: 'fallback'
        readonly from: string
        readonly to: string
        readonly message: string
      }
    | {
        readonly subtype: 'verification'
        readonly round: number
        readonly verification: Verification
        readonly checks: readonly CheckEvidence[]
      }
    | {
        readonly subtype: 'budget_warning' | 'budget_exceeded'
        readonly kind: string
        readonly used: number
        readonly limit: number
        readonly fraction: number
      }
  )

/** Last, once in each run; alone it is `--output-format json`. */
export interface StreamJsonResult extends Line {
  readonly type: 'result'
  /** `error_max_budget_usd` stands for every limit of the budget: `errors` says which. */
  readonly subtype:
    | 'success'
    | 'error_during_execution'
    | 'error_max_turns'
    | 'error_max_budget_usd'
    | 'error_max_structured_output_retries'
  readonly is_error: boolean
  /** Why the run ended, in our own words. */
  readonly run_stop_reason: RunStopReason
  /** Text of the last answer. */
  readonly result: string
  /** Why the last answer ended. */
  readonly stop_reason: string | null
  /** Whole milliseconds. */
  readonly duration_ms: number
  /** `duration_ms` without the time of the tools: an estimate, as events have no clock. */
  readonly duration_api_ms: number
  readonly num_turns: number
  /** `null`: a price is not known. */
  readonly total_cost_usd: number | null
  readonly usage: StreamJsonUsage
  readonly permission_denials: readonly {
    readonly tool_name: string
    readonly tool_use_id: string
    readonly tool_input: Json
  }[]
  /** Absent on success. */
  readonly errors?: readonly string[]
  /** Where checks were asked for: whether they hold, and how each came out. */
  readonly verification?: Verification
  readonly checks?: readonly CheckEvidence[]
  /** What an output schema asked for. */
  readonly structured_output?: unknown
}

/** A call needs an answer, by a `control_response` on the input. `request_id` is the id of the call. */
export interface StreamJsonControlRequest {
  readonly type: 'control_request'
  readonly request_id: string
  readonly request: {
    readonly subtype: 'can_use_tool'
    readonly tool_name: string
    readonly input: Json
    readonly tool_use_id: string
    readonly decision_reason: string
    /** The call that began the subagent which asks. */
    readonly agent_id?: string
  }
}

/** A request needs no answer any more. */
export interface StreamJsonControlCancel {
  readonly type: 'control_cancel_request'
  readonly request_id: string
}

/** Our answer to a `control_request` of the client. */
export interface StreamJsonControlResponse {
  readonly type: 'control_response'
  readonly response:
    | {
        readonly subtype: 'success'
        readonly request_id: string
        readonly response?: { readonly [key: string]: Json }
      }
    | { readonly subtype: 'error'; readonly request_id: string; readonly error: string }
}
