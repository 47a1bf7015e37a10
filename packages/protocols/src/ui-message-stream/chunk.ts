import type {
  CheckEvidence,
  Json,
  RunStopReason,
  SubagentResult,
  ToolPart,
  Usage,
  Verification,
} from '@harnext/core'
import type { FinishReason } from '../stop-reason.ts'

/**
 * What the AI SDK reads as a UI message stream (`ai` 7: `UIMessageChunk`; stream protocol `v1`): the chunks that a run needs, with our
 * own metadata and data. A whole run is one assistant message; each turn is a step of it.
 */
export type UiMessageChunk =
  // The message
  | {
      readonly type: 'start'
      readonly messageId: string
      readonly messageMetadata: UiMessageMetadata
    }
  | { readonly type: 'message-metadata'; readonly messageMetadata: UiMessageMetadata }
  | {
      readonly type: 'finish'
      readonly finishReason: FinishReason
      readonly messageMetadata: UiMessageMetadata
    }
  | { readonly type: 'abort'; readonly reason?: string }
  | { readonly type: 'error'; readonly errorText: string }
  // Steps. `reset-step` takes back what the model said before it was asked again.
  | { readonly type: 'start-step' | 'finish-step' | 'reset-step' }
  // What the model says
  | {
      readonly type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'
      readonly id: string
    }
  | {
      readonly type: 'text-delta' | 'reasoning-delta'
      readonly id: string
      readonly delta: string
    }
  | {
      readonly type: 'source-url'
      readonly sourceId: string
      readonly url: string
      readonly title?: string
    }
  | UiToolChunk
  | UiDataChunk

/** `dynamic` is set for tools of MCP servers, whose types nobody knows when the page is written. */
export type UiToolChunk =
  | {
      readonly type: 'tool-input-start'
      readonly toolCallId: string
      readonly toolName: string
      readonly dynamic?: true
    }
  | {
      readonly type: 'tool-input-delta'
      readonly toolCallId: string
      readonly inputTextDelta: string
    }
  | {
      readonly type: 'tool-input-available'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: Json
      readonly dynamic?: true
    }
  /** The arguments could not be read, or the model did not finish them. */
  | {
      readonly type: 'tool-input-error'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: Json
      readonly errorText: string
      readonly dynamic?: true
    }
  /** `isAutomatic`: denied by a rule or the mode, nobody is asked. */
  | {
      readonly type: 'tool-approval-request'
      readonly approvalId: string
      readonly toolCallId: string
      readonly reason?: string
      readonly isAutomatic?: true
    }
  | {
      readonly type: 'tool-approval-response'
      readonly approvalId: string
      readonly approved: boolean
      readonly reason?: string
    }
  /** `output` is text, or the parts where there is more than text. `preliminary`: what a tool says while it works. */
  | {
      readonly type: 'tool-output-available'
      readonly toolCallId: string
      readonly output: Json | readonly ToolPart[]
      readonly preliminary?: true
    }
  | {
      readonly type: 'tool-output-error'
      readonly toolCallId: string
      readonly errorText: string
    }
  | { readonly type: 'tool-output-denied'; readonly toolCallId: string }

/** A `transient` chunk is seen by `onData` and is no part of the message. One with an `id` replaces the one before it. */
export type UiDataChunk = {
  readonly [Name in keyof UiDataTypes]: {
    readonly type: `data-${Name}`
    readonly data: UiDataTypes[Name]
    readonly id?: string
    readonly transient?: true
  }
}[keyof UiDataTypes]

/** The data parts, as the second parameter of the AI SDK's `UIMessage` wants them. */
export type UiDataTypes = {
  /** Absolute paths that the call wrote. */
  readonly 'file-change': { readonly toolCallId: string; readonly paths: readonly string[] }
  /** What the person said while the run was under way. */
  readonly steer: { readonly text: string }
  readonly compaction: { readonly tokensBefore: number; readonly tokensAfter: number }
  readonly subagent: {
    readonly agent: string
    readonly task: string
    readonly state: 'running' | 'done'
    readonly result?: SubagentResult
  }
  /** Whether what was asked for holds, as harnext itself found. */
  readonly verification: {
    readonly round: number
    readonly verification: Verification
    readonly checks: readonly CheckEvidence[]
  }
  readonly budget: {
    readonly state: 'warning' | 'exceeded'
    readonly kind: string
    readonly used: number
    readonly limit: number
    readonly fraction: number
  }
  readonly fallback: { readonly from: string; readonly to: string; readonly message: string }
  readonly retry: {
    readonly attempt: number
    readonly delayMs: number
    readonly message: string
  }
  readonly warning: { readonly code: string; readonly message: string }
}

/** Metadata of the message; the AI SDK merges what comes later into what came before. */
export interface UiMessageMetadata {
  readonly sessionId?: string
  readonly runId?: string
  readonly provider?: string
  readonly model?: string
  /** Of the run so far; with its subagents once it is over. */
  readonly usage?: Usage
  readonly stopReason?: RunStopReason
}
