// Answers, as bytes.

/** @typedef {import('./apis/api.ts').Api} Api */
/** @typedef {import('./script.mjs').Script} Script */

/** What one delta of a long answer says. */
export const deltaText = 'lorem'

/**
 * The answer as the pieces that are written one after the other. The same buffer stands for many deltas, so that the server is never
 * what is waited for.
 * @param {Api} api
 * @param {Script} script
 * @param {number} turn
 * @returns {Generator<Buffer>}
 */
export function* reply(api, script, turn) {
  const { turns, tool, text, deltas } = script
  if (turn < turns) yield bytes(api.call(turn, tool))
  else if (deltas > 0) yield* longReply(api, script, turn)
  else yield bytes([...api.begin(turn), api.delta(text), ...api.end(turn, text)])
}

/** @param {Api} api @param {Script} script @param {number} turn */
function* longReply(api, { deltas, batch }, turn) {
  yield bytes(api.begin(turn))
  const one = api.delta(deltaText)
  const whole = bytes([one.repeat(batch)])
  for (let count = 0; count + batch <= deltas; count += batch) yield whole
  yield bytes([one.repeat(deltas % batch), ...api.end(turn, deltaText.repeat(deltas))])
}

function bytes(/** @type {readonly string[]} */ events) {
  return Buffer.from(events.join(''))
}
