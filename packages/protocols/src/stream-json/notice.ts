import type { ProviderErrorKind, SubagentResult } from '@harnext/core'
import type { EventOf } from '../projector.ts'
import { stamp, type RunLines } from './agent-lines.ts'
import type { StreamJsonNotice } from './message.ts'

// The lines of type `system` but the first.

type Notices = {
  readonly [
    Type in
      | 'compaction'
      | 'retry'
      | 'fallback'
      | 'warning'
      | 'budget_warning'
      | 'budget_exceeded'
      | 'verification'
      | 'subagent_start'
      | 'subagent_end'
  ]: (run: RunLines, event: EventOf<Type>) => StreamJsonNotice
}

export const notices: Notices = {
  compaction: (run, { tokensBefore, tokensAfter }) => ({
    type: 'system',
    subtype: 'compact_boundary',
    compact_metadata: { trigger: 'auto', pre_tokens: tokensBefore, post_tokens: tokensAfter },
    ...stamp(run),
  }),
  retry: (run, { attempt, delayMs, error }) => ({
    type: 'system',
    subtype: 'api_retry',
    attempt,
    max_retries: run.options.maxRetries ?? 3,
    retry_delay_ms: delayMs,
    error_status: error.status ?? null,
    error: failureWords[error.kind],
    ...stamp(run),
  }),
  fallback: (run, { from, to, error }) => ({
    type: 'system',
    subtype: 'fallback',
    from,
    to,
    message: error.message,
    ...stamp(run),
  }),
  warning: (run, { code, message }) => ({
    type: 'system',
    subtype: 'warning',
    code,
    message,
    ...stamp(run),
  }),
  budget_warning: budget,
  budget_exceeded: budget,
  verification: (run, { round, verification, checks }) => ({
    type: 'system',
    subtype: 'verification',
    round,
    verification,
    checks,
    ...stamp(run),
  }),
  subagent_start: (run, { id, agent, task, call }) => ({
    type: 'system',
    subtype: 'task_started',
    task_id: id,
    tool_use_id: call,
    subagent_type: agent,
    description: task,
    ...stamp(run),
  }),
  subagent_end: (run, { id, result }) => ({
    type: 'system',
    subtype: 'task_notification',
    task_id: id,
    status: taskStatus(result),
    summary: result.text,
    ...stamp(run),
  }),
}

function budget(
  run: RunLines,
  { type, kind, used, limit, fraction }: EventOf<'budget_warning' | 'budget_exceeded'>,
): StreamJsonNotice {
  return { type: 'system', subtype: type, kind, used, limit, fraction, ...stamp(run) }
}

function taskStatus({ stopReason }: SubagentResult): 'completed' | 'stopped' | 'failed' {
  if (stopReason === 'complete') return 'completed'
  return stopReason === 'cancelled' ? 'stopped' : 'failed'
}

const failureWords: { readonly [Kind in ProviderErrorKind]: string } = {
  auth: 'authentication_failed',
  permission: 'authentication_failed',
  not_found: 'model_not_found',
  invalid_request: 'invalid_request',
  overflow: 'invalid_request',
  output_limit: 'invalid_request',
  rate_limit: 'rate_limit',
  quota: 'billing_error',
  overloaded: 'overloaded',
  server: 'server_error',
  network: 'unknown',
  timeout: 'unknown',
  cancelled: 'unknown',
  refused: 'unknown',
  stream_truncated: 'server_error',
  protocol: 'server_error',
}
