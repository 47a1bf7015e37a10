import { toWireName, zeroUsage, type Message, type RunResult, type Usage } from '@harnext/core'
import { toMessagesStopReason } from '../stop-reason.ts'
import type { StreamJsonResult, StreamJsonUsage } from './message.ts'

/** The result of a run as its last line; printed alone it is `--output-format json`. `uuid` defaults to the id of the run. */
export function toStreamJsonResult(
  result: RunResult<unknown>,
  uuid: string = result.runId,
): StreamJsonResult {
  const { stopReason, usage, steps, messages, durationMs, output } = result
  const { verification, checks = [] } = result
  const subtype = subtypeOf(result)
  const inTools = steps.reduce((sum, step) => sum + step.durationMs, 0)
  return {
    type: 'result',
    subtype,
    is_error: subtype !== 'success',
    run_stop_reason: stopReason,
    result: result.text,
    stop_reason: lastStopReason(messages),
    duration_ms: Math.round(durationMs),
    duration_api_ms: Math.max(0, Math.round(durationMs - inTools)),
    num_turns: result.turns,
    total_cost_usd: usage.costUsd,
    usage: streamJsonUsage(usage),
    permission_denials: steps
      .filter(({ status }) => status === 'denied')
      .map(({ id, tool, args }) => ({
        tool_name: toWireName(tool),
        tool_use_id: id,
        tool_input: args,
      })),
    ...(subtype !== 'success' && { errors: [failureOf(result)] }),
    ...(verification && { verification, checks }),
    ...(output !== null && { structured_output: output }),
    session_id: result.sessionId,
    uuid,
  }
}

export function streamJsonUsage(usage: Usage = zeroUsage): StreamJsonUsage {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
  }
}

function subtypeOf({ stopReason, error }: RunResult<unknown>): StreamJsonResult['subtype'] {
  if (stopReason === 'complete') return 'success'
  if (stopReason === 'max_turns') return 'error_max_turns'
  if (stopReason === 'budget') return 'error_max_budget_usd'
  // The answer still did not fit the output schema after the model was asked to repair it.
  if (error?.code === 'validation') return 'error_max_structured_output_retries'
  return 'error_during_execution'
}

function failureOf({ stopReason, error, pending = [] }: RunResult<unknown>): string {
  if (error) return error.message
  const waiting = pending.map(({ tool, id }) => `${tool} (${id})`).join(', ')
  if (stopReason === 'paused') return `The run is paused until these calls are decided: ${waiting}.`
  if (stopReason === 'length') return 'The model was cut off before its answer was complete.'
  if (stopReason === 'refused') return 'The model refused to answer.'
  return `The run ended: ${stopReason}.`
}

function lastStopReason(messages: readonly Message[]): string | null {
  const last = messages.findLast((message) => message.role === 'assistant')
  return last ? toMessagesStopReason(last.stopReason, last.rawStopReason) : null
}
