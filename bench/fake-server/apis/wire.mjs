// What the APIs have in common.

export function named(/** @type {string} */ event, /** @type {object} */ data) {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

export function unnamed(/** @type {object} */ data) {
  return `data: ${JSON.stringify(data)}\n\n`
}

const idPrefix = 'toolu_bench_'
/** An argument of a call: the one API without ids has it alone. */
const argumentPrefix = '"arguments":{"i":'

export function toolCallId(/** @type {number} */ turn) {
  return `${idPrefix}${turn}`
}

/**
 * Which answer is due, by the last tool call in the body of the request: the server keeps no state, and looks at the end of the body
 * alone.
 * @param {readonly Buffer[]} chunks
 * @returns {number} from 0
 */
export function turnOf(chunks) {
  let tail = Buffer.alloc(0)
  for (const chunk of chunks.toReversed()) {
    tail = Buffer.concat([chunk, tail])
    for (const prefix of [idPrefix, argumentPrefix]) {
      const at = tail.lastIndexOf(prefix)
      if (at === -1) continue
      const digits = at + prefix.length
      return Number.parseInt(tail.toString('latin1', digits, digits + 9), 10) + 1
    }
  }
  return 0
}
