import type { WireEvent } from './anthropic-api.ts'

/** The event of one `data` field. Throws a `SyntaxError` for what is not JSON. */
export function readEvent(data: string): WireEvent {
  const found = plainTextDelta.exec(data)
  if (!found) return JSON.parse(data) as WireEvent
  const [, index, text = ''] = found
  // Parsed, not cut out: a part of a string would keep the whole chunk of the network alive.
  const delta = { type: 'text_delta', text: JSON.parse(text) as string } as const
  return { type: 'content_block_delta', index: Number(index), delta }
}

/** Most events of a long answer, exactly as the vendor writes them. Taking one apart costs a third of parsing it. */
const plainTextDelta =
  /^\{"type":"content_block_delta","index":(\d{1,9}),"delta":\{"type":"text_delta","text":("[^"\\]*")\} *\}$/
