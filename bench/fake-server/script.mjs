/**
 * What the server says, as it stands in the address: `http://host/script/<query string, encoded>/…`, where the path is that of the API.
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
 * @param {string} address of a request, without its host
 * @returns {{ script: Script, path: string } | null} `null` where there is no script; `path` is that of the API, without a query
 */
export function scriptOf(address) {
  const [, query, path] = /^\/script\/([^/]+)(\/[^?]*)/.exec(address) ?? []
  if (query === undefined || path === undefined) return null
  const fields = new URLSearchParams(decodeURIComponent(query))
  const number = (/** @type {string} */ name, /** @type {number} */ preset) =>
    Number(fields.get(name) ?? preset)
  const script = {
    turns: number('turns', 0),
    tool: fields.get('tool') ?? 'noop',
    text: fields.get('text') ?? 'done',
    deltas: number('deltas', 0),
    batch: number('batch', 64),
  }
  return { script, path }
}
