import { load as durableLoops } from '../contestants/agent-durable.mjs'
import { load as statelessLoops } from '../contestants/agent.mjs'
import { anthropic as api } from '../fake-server/apis/anthropic.mjs'
import { reply } from '../fake-server/reply.mjs'
import { scriptOf, scriptURL } from '../fake-server/script.mjs'
import { median } from '../report/rows.mjs'
import { startWatch } from './stopwatch.mjs'

// What a turn costs at its place in a run: `turn-age.mjs <stateless | durable> <early | late> <turns>`. Says the sample as JSON. The vendor
// answers from memory, by the adapter's option `fetch`, so that all of a turn counts but the sending of its bytes.

const [kind, place, size = '1000'] = process.argv.slice(2)
const turns = Number(size)
/** Turns that are measured together: one alone is below what the clock of a process tells. */
const span = 50
const from = place === 'early' ? 10 : turns - span
const rounds = 5
const origin = 'http://127.0.0.1:1'

const { anthropic } = await import('@harnext/provider-anthropic')

/** @param {string} baseURL */
function makeAdapter(baseURL) {
  const { script } = scriptOf(baseURL.slice(origin.length) + '/') ?? {}
  if (!script) throw new Error(`There is no script in ${baseURL}.`)
  let turn = 0
  const answer = () =>
    new Response(Buffer.concat([...reply(api, script, turn++)]), {
      headers: { 'content-type': api.contentType },
    })
  return anthropic({ apiKey: 'k', baseURL, fetch: () => Promise.resolve(answer()) })
}

const makeLoop = await (kind === 'durable' ? durableLoops : statelessLoops)(makeAdapter)

/** One run; CPU of a turn in milliseconds. @param {number} round */
async function measured(round) {
  let calls = 0
  /** @type {ReturnType<typeof startWatch> | undefined} */
  let elapsed
  let cpuMs = Number.NaN
  const loop = makeLoop({
    // Of its own, as an adapter counts its turns.
    baseURL: scriptURL(origin, { turns, text: `done ${round}` }),
    async execute() {
      calls += 1
      if (calls === from) elapsed = startWatch()
      else if (calls === from + span && elapsed) cpuMs = elapsed().cpuMs / span
      return 'ok'
    },
  })
  await loop.run('go')
  await loop.close()
  if (calls !== turns) throw new Error(`${calls} of ${turns} calls were made.`)
  return cpuMs
}

const figures = []
for (let round = 0; round <= rounds; round++) figures.push(await measured(round))
// The first round compiles.
process.stdout.write(`${JSON.stringify({ cpuMs: median(figures.slice(1)) })}\n`, () =>
  process.exit(),
)
