import { setTimeout as delay } from 'node:timers/promises'
import { deltaText } from '../fake-server/reply.mjs'
import { scriptURL } from '../fake-server/script.mjs'
import { peakMemoryMB, startWatch } from './stopwatch.mjs'

/** @typedef {import('../contestants/contestant.ts').MakeLoop} MakeLoop */
/** @typedef {{ [metric: string]: number }} Sample */

/**
 * One run of many turns, each with one tool call.
 * @param {MakeLoop} makeLoop
 * @param {{ serverURL: string, turns: number, resultBytes: number }} size
 * @returns {Promise<Sample>} `cpuMs` and `wallMs` are of one turn
 */
export async function measureTurns(makeLoop, { serverURL, turns, resultBytes }) {
  await warmUp(makeLoop, serverURL)
  const result = 'x'.repeat(resultBytes)
  let calls = 0
  const baseURL = scriptURL(serverURL, { turns })
  const loop = makeLoop({
    baseURL,
    async execute() {
      calls += 1
      return result
    },
  })
  await settle()
  const elapsed = startWatch()
  const text = await loop.run('go')
  const { cpuMs, wallMs } = elapsed()
  await loop.close()
  expectEqual('calls of the tool', calls, turns)
  expectEqual('the last answer', text, 'done')
  // The last answer is a turn too.
  const count = turns + 1
  return { cpuMs: cpuMs / count, wallMs: wallMs / count, memoryMB: peakMemoryMB() }
}

/**
 * One answer in many small pieces.
 * @param {MakeLoop} makeLoop
 * @param {{ serverURL: string, deltas: number }} size
 * @returns {Promise<Sample>} `cpuUs` and `wallUs` are of one delta
 */
export async function measureDeltas(makeLoop, { serverURL, deltas }) {
  await warmUp(makeLoop, serverURL)
  await stream(makeLoop, serverURL, 2000)
  await settle()
  const { cpuMs, wallMs } = await stream(makeLoop, serverURL, deltas)
  return {
    cpuUs: (cpuMs * 1000) / deltas,
    wallUs: (wallMs * 1000) / deltas,
    memoryMB: peakMemoryMB(),
  }
}

/** @param {MakeLoop} makeLoop @param {string} serverURL @param {number} deltas */
async function stream(makeLoop, serverURL, deltas) {
  let characters = 0
  const loop = makeLoop({
    baseURL: scriptURL(serverURL, { deltas }),
    execute: async () => 'ok',
    onText(text) {
      characters += text.length
    },
  })
  const elapsed = startWatch()
  const text = await loop.run('go')
  const result = elapsed()
  await loop.close()
  expectEqual('characters that were passed on', characters, deltas * deltaText.length)
  expectEqual('characters of the answer', text.length, characters)
  return result
}

/** What happens once in a process is not what a turn costs. */
async function warmUp(/** @type {MakeLoop} */ makeLoop, /** @type {string} */ serverURL) {
  const baseURL = scriptURL(serverURL, { turns: 5 })
  const loop = makeLoop({ baseURL, execute: async () => 'ok' })
  expectEqual('the answer of the warm-up', await loop.run('hi'), 'done')
  await loop.close()
}

/** Lets the garbage of the start and the compiler's threads not count. */
async function settle() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await delay(30)
  }
}

function expectEqual(
  /** @type {string} */ what,
  /** @type {unknown} */ got,
  /** @type {unknown} */ expected,
) {
  if (got !== expected)
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}.`)
}
