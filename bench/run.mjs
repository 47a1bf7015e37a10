import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArguments, usage, UsageError } from './arguments.mjs'
import { joinSamples, measure } from './measure.mjs'
import { linesAbove, linesOf } from './report/rows.mjs'
import { table } from './report/table.mjs'
import { scenarios } from './scenarios/all.mjs'

// Measures harnext beside the vendor's bare SDK. The table goes to stdout, progress to stderr, all figures to a file of JSON. Exits 1
// when a figure is above its limit, 2 for a wrong argument.

/** @typedef {import('./arguments.mjs').Arguments} Arguments */
/** @typedef {import('./scenarios/scenario.ts').Scenario} Scenario */

async function main() {
  const options = readArguments(
    process.argv.slice(2),
    scenarios.map(({ name }) => name),
  )
  if (options.help) return say(process.stdout, usage)
  const chosen = scenarios.filter(({ name }) => !options.only.length || options.only.includes(name))
  const server = await startServer()
  try {
    const results = []
    for (const scenario of chosen) results.push(await result(scenario, options, server.url))
    await writeResults(results, options)
    say(process.stdout, table(results))
    for (const { title, lines } of results)
      for (const line of linesAbove(lines)) {
        say(process.stderr, `Above its limit: ${title}, ${line.title}\n`)
        if (linesAbove([line], options.tolerance).length) process.exitCode = 1
      }
  } finally {
    server.stop()
  }
}

/**
 * @param {Scenario} scenario
 * @param {Arguments} options
 * @param {string} serverURL
 */
async function result(scenario, { runs: wanted, isQuick }, serverURL) {
  const runs = scenario.runs?.(wanted) ?? wanted
  const title = scenario.title(isQuick)
  const begun = performance.now()
  say(process.stderr, `${title} … `)
  let samples = await measure(scenario, runs, { serverURL, isQuick })
  let lines = linesOf(scenario, samples, isQuick)
  // A neighbour on the machine can spoil a run or two, but not three times as many.
  for (let more = 0; more < 2 && linesAbove(lines).length > 0; more++) {
    say(process.stderr, 'above its limit, once more … ')
    samples = joinSamples(samples, await measure(scenario, runs, { serverURL, isQuick }))
    lines = linesOf(scenario, samples, isQuick)
  }
  say(process.stderr, `${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  return { name: scenario.name, title, lines, samples }
}

/** @param {Awaited<ReturnType<typeof result>>[]} results @param {Arguments} options */
async function writeResults(results, { json = latest, isQuick }) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }
  const report = { at: new Date().toISOString(), isQuick, machine, scenarios: results }
  await mkdir(path.dirname(json), { recursive: true })
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
}

const latest = fileURLToPath(new URL('results/latest.json', import.meta.url))

async function startServer() {
  const server = fileURLToPath(new URL('fake-server/main.mjs', import.meta.url))
  const child = spawn(process.execPath, [server], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with ${code} before it listened.`)
    }),
  ])
  return { url: String(line).trim(), stop: () => child.kill() }
}

function say(/** @type {NodeJS.WriteStream} */ stream, /** @type {string} */ text) {
  stream.write(text)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(process.stderr, `${error.message}\n${usage}`)
  process.exitCode = 2
}
