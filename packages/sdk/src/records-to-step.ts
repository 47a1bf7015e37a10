import { fromRecord, type SessionRecord } from '@harnext/core'

/**
 * The records of a log up to the outcome of its tool step `step`, counted from 1 in call order. What later calls of the same turn had
 * begun by then is left out: in the fork they are open, as if the model had just asked for them.
 */
export function recordsToStep(
  records: readonly SessionRecord[],
  step: number,
): readonly SessionRecord[] {
  let before = 0
  for (const [index, record] of records.entries()) {
    const calls = callsOf(record)
    if (before + calls.length < step) {
      before += calls.length
      continue
    }
    return [
      ...records.slice(0, index + 1),
      ...outcomesOf(records.slice(index + 1), calls.slice(0, step - before)),
    ]
  }
  return records
}

function outcomesOf(
  records: readonly SessionRecord[],
  calls: readonly string[],
): readonly SessionRecord[] {
  const waiting = new Set(calls)
  const kept: SessionRecord[] = []
  for (const record of records) {
    if (waiting.size === 0) break
    const id = 'id' in record && typeof record['id'] === 'string' ? record['id'] : undefined
    if (id !== undefined && !calls.includes(id)) continue
    kept.push(record)
    if (record.type === 'tool_result' && id !== undefined) waiting.delete(id)
  }
  return kept
}

/** The ids of the calls that an assistant message asks for; of a child's message none. */
function callsOf(record: SessionRecord): readonly string[] {
  const event = fromRecord(record)
  if (event?.type !== 'message' || event.agentPath?.length || event.message.role !== 'assistant')
    return []
  return event.message.content.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []))
}
