import type { DottedEvent, TokenUsage } from '@harnext/protocols/dotted-events'

/** The eleven events of an agent. */
export type AgentEvent = DottedEvent

/** What middleware adds to them. */
export type SessionLifecycleEvent =
  /** Turns count what was sent, from 1. */
  | { readonly type: 'turn.start'; readonly turnNumber: number }
  | { readonly type: 'turn.done'; readonly turnNumber: number; readonly usage: TokenUsage }
  | {
      readonly type: 'compaction.start'
      readonly reason: 'overflow' | 'manual'
      readonly tokensBefore: number
    }
  | {
      readonly type: 'compaction.pruned'
      readonly tokensRemoved: number
      readonly messagesRemoved: number
    }
  | { readonly type: 'compaction.summary'; readonly summary: string }
  | {
      readonly type: 'compaction.done'
      readonly tokensBefore: number
      readonly tokensAfter: number
    }
  | {
      readonly type: 'retry'
      readonly attempt: number
      readonly maxRetries: number
      readonly delayMs: number
      readonly error: Error
    }

export type SessionEvent = AgentEvent | SessionLifecycleEvent
