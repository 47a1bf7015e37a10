/**
 * What the server says, as it stands in the address: `http://host/script/<query string, encoded>/v1/messages`.
 * @typedef {object} Script
 * @property {number} turns answers that call the tool, before the last one
 * @property {string} tool name of the tool; its argument is `{"i":<turn>}`
 * @property {string} text the last answer, when it is not made of `deltas`
 * @property {number} deltas pieces of five characters that make the last answer
 * @property {number} batch deltas in one write
 */

/**
 * The base URL under which the server keeps to the script.
 * @param {string} serverURL
 * @param {Partial<Script>} script
 */
export function scriptURL(serverURL, script) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(script)) query.set(name, String(value))
  return `${serverURL}/script/${encodeURIComponent(query.toString())}`
}

/**
 * @param {string} path of a request
 * @returns {Script | null} `null` for a path that is not the one of a script's messages
 */
export function scriptOf(path) {
  const query = /^\/script\/([^/]+)\/v1\/messages(?:\?|$)/.exec(path)?.[1]
  if (query === undefined) return null
  const fields = new URLSearchParams(decodeURIComponent(query))
  const number = (/** @type {string} */ name, /** @type {number} */ preset) =>
    Number(fields.get(name) ?? preset)
  return {
    turns: number('turns', 0),
    tool: fields.get('tool') ?? 'noop',
    text: fields.get('text') ?? 'done',
    deltas: number('deltas', 0),
    batch: number('batch', 64),
  }
}

const idPrefix = 'toolu_bench_'

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
    const at = tail.lastIndexOf(idPrefix)
    if (at === -1) continue
    const digits = at + idPrefix.length
    return Number.parseInt(tail.toString('latin1', digits, digits + 9), 10) + 1
  }
  return 0
}
