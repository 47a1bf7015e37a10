import { zeroUsage, type SessionCompaction } from '@harnext/core'
import {
  toStreamJsonResult,
  type StreamJsonNotice,
  type StreamJsonResult,
} from '@harnext/protocols/stream-json'

/** What became of a session that was to be shortened. */
export interface Compacted {
  /** Empty where there is none. */
  readonly sessionId: string
  /** `null`: nothing could be left out. */
  readonly event: SessionCompaction | null
  readonly durationMs: number
  /** Which one of this client's it is, from 1. */
  readonly count: number
}

/** For a person. */
export function compactText({ sessionId, event }: Pick<Compacted, 'sessionId' | 'event'>): string {
  return event
    ? `Shortened session ${sessionId} from about ${event.tokensBefore} to ${event.tokensAfter} tokens.`
    : `Nothing can be left out of session ${sessionId}.`
}

/** For a client that waits for a result of each of its messages. */
export function compactLines(done: Compacted): readonly (StreamJsonNotice | StreamJsonResult)[] {
  const { sessionId, event } = done
  const result = resultOf(done, { result: compactText(done) })
  if (!event) return [result]
  const { tokensBefore: pre_tokens, tokensAfter: post_tokens } = event
  return [
    {
      type: 'system',
      subtype: 'compact_boundary',
      compact_metadata: { trigger: 'manual', pre_tokens, post_tokens },
      session_id: sessionId,
      uuid: `${result.uuid}-1`,
    },
    result,
  ]
}

/** The session is as it was. */
export function compactFailure(done: Compacted, message: string): StreamJsonResult {
  return resultOf(done, {
    subtype: 'error_during_execution',
    is_error: true,
    run_stop_reason: 'error',
    errors: [message],
  })
}

function resultOf(
  { sessionId, event, durationMs, count }: Compacted,
  said: Partial<StreamJsonResult>,
): StreamJsonResult {
  const nothing = toStreamJsonResult({
    text: '',
    output: null,
    steps: [],
    filesChanged: [],
    filesChangedComplete: true,
    usage: event?.usage ?? { ...zeroUsage, totalTokens: 0 },
    sessionId,
    runId: `compact-${sessionId}-${count}`,
    turns: 0,
    toolCalls: 0,
    stopReason: 'complete',
    success: true,
    cancelled: false,
    messages: [],
    durationMs,
  })
  return { ...nothing, ...said }
}
