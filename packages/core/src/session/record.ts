import { asHarnextError, errorFromRecord, HarnextError, isErrorRecord } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { ToolPart } from '../messages.ts'
import type { RunResult, RunStopReason } from '../run/result.ts'
import type { SessionRecord } from './store.ts'

// Between an event of a run and a line of its log. Pure: the same event, number and time give the same record.

/** An event that is a fact. The others are deltas: the message or the result that follows says the same. */
export type RecordedEvent = Exclude<
  RunEvent,
  { readonly type: 'text' | 'thinking' | 'tool_input' | 'tool_progress' | 'tool_call' }
>

/** An event as the log gives it back: a `RunEvent`, but for the end of a run. */
export type LoggedEvent = Exclude<RecordedEvent, { readonly type: 'run_end' }> | LoggedRunEnd

/** What the log keeps of `run_end`. The rest of its result is folded from the events before it. */
export interface LoggedRunEnd {
  readonly type: 'run_end'
  readonly stopReason: RunStopReason
  readonly error?: HarnextError
  /** Milliseconds, of this attempt. */
  readonly durationMs: number
  readonly verification?: NonNullable<RunResult['verification']>
  readonly agentPath?: readonly string[]
}

/** Whether the log keeps the event. */
export function isRecorded(event: RunEvent): event is RecordedEvent {
  return kinds[event.type] !== 'delta'
}

/** Whether the event must survive power loss before anything follows from it. A barrier covers all that was appended before. */
export function isBarrier(event: RunEvent): boolean {
  return kinds[event.type] === 'barrier'
}

/** `time` is milliseconds since 1970. Errors become their `ErrorRecord`; their cause and stack stay behind. */
export function toRecord(event: RecordedEvent, seq: number, time: number): SessionRecord {
  if (event.type === 'error' || event.type === 'retry' || event.type === 'fallback')
    return { seq, time, ...event, error: event.error.toJSON() }
  if (event.type === 'run_end') return endRecord(event, seq, time)
  if (event.type === 'tool_result' && textAlone(event.content) === event.output) {
    const { output: _, ...rest } = event
    return { seq, time, ...rest }
  }
  return { seq, time, ...event }
}

/**
 * The event of a record, or `null` for a type that this release does not know. Fields that it does not know stay on the event.
 * Errors come back as their class.
 */
export function fromRecord(record: SessionRecord): LoggedEvent | null {
  const { seq: _seq, time: _time, ...rest } = record
  const event: { readonly type: string } = rest
  if (!isLogged(event)) return null
  if (event.type === 'error') return { ...event, error: reviveError(event.error) }
  if (event.type === 'retry' || event.type === 'fallback')
    // Only a `ProviderError` gets there.
    return { ...event, error: reviveError(event.error) as typeof event.error }
  if (event.type === 'run_end' && event.error) return { ...event, error: reviveError(event.error) }
  if (event.type === 'tool_result' && event.output === undefined)
    return { ...event, output: textAlone(event.content) ?? '' }
  return event
}

/** The check sum of its line says that we wrote it, so that its type says what it holds. */
function isLogged(event: { readonly type: string }): event is LoggedEvent {
  return Object.hasOwn(kinds, event.type) && kinds[event.type as RunEvent['type']] !== 'delta'
}

function endRecord(
  event: Extract<RecordedEvent, { readonly type: 'run_end' }>,
  seq: number,
  time: number,
): SessionRecord {
  const { type, result, ...rest } = event
  const { stopReason, error, durationMs, verification } = result
  return {
    seq,
    time,
    type,
    stopReason,
    ...(error && { error: error.toJSON() }),
    durationMs,
    ...(verification && { verification }),
    ...rest,
  }
}

const kinds: { readonly [Type in RunEvent['type']]: 'delta' | 'fact' | 'barrier' } = {
  text: 'delta',
  thinking: 'delta',
  tool_input: 'delta',
  tool_progress: 'delta',
  tool_call: 'delta',
  run_start: 'fact',
  run_resumed: 'fact',
  message: 'fact',
  usage: 'fact',
  warning: 'fact',
  retry: 'fact',
  fallback: 'fact',
  turn_start: 'fact',
  permission_decision: 'fact',
  process: 'fact',
  prompt: 'fact',
  compaction: 'fact',
  cache_break: 'fact',
  verification: 'fact',
  budget_warning: 'fact',
  budget_exceeded: 'fact',
  subagent_start: 'fact',
  subagent_end: 'fact',
  tool_start: 'barrier',
  tool_result: 'barrier',
  permission_request: 'barrier',
  turn_end: 'barrier',
  error: 'barrier',
  run_end: 'barrier',
}

/** The text of a content that is one text part and nothing else: the log need not hold it twice. */
function textAlone(content: readonly ToolPart[]): string | undefined {
  const [part] = content
  return content.length === 1 && part?.type === 'text' ? part.text : undefined
}

function reviveError(value: unknown): HarnextError {
  if (isErrorRecord(value)) return errorFromRecord(value)
  return asHarnextError(new Error(`The log holds no error here but ${JSON.stringify(value)}.`))
}
