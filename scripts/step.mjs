import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { stripVTControlCharacters } from 'node:util'
import { environment, paths } from './environment.mjs'

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** A step that failed: the message is what a person needs to see. */
export class StepError extends Error {}

/** Progress, for people. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`)
}

/**
 * @typedef {object} StepOptions
 * @property {number} [lastLines] how much of the output a failure shows; 20 by default
 * @property {NodeJS.ProcessEnv} [env] on top of the usual environment
 */

/**
 * Runs a command to its end and says how long it took. It never asks: stdin is empty.
 * @param {string} label
 * @param {string} command
 * @param {string[]} args
 * @param {StepOptions} [options]
 * @throws {StepError} with the command and the last lines of its output
 */
export async function step(label, command, args, { lastLines = 20, env = {} } = {}) {
  const started = performance.now()
  const { code, output } = await capture(command, args, env)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  say(`${code === 0 ? '✓' : '✗'} ${label} ${seconds} s`)
  if (code === 0) return
  const tail = output.trimEnd().split('\n').slice(-lastLines)
  throw new StepError([`  $ ${[command, ...args].join(' ')}`, ...tail].join('\n  '))
}

/**
 * Runs a command with our terminal and gives its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Promise<number>}
 */
export async function handOver(command, args, options = {}) {
  const { cwd = paths.root, env = environment().env, stdio = 'inherit' } = options
  const child = spawn(command, args, { cwd, env, stdio })
  // A terminal sends Ctrl-C to the child as well; sent twice, it would mean "at once".
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of stopSignals) process.on(signal, forward)
  try {
    return await exitCode(child, command)
  } finally {
    for (const signal of stopSignals) process.off(signal, forward)
  }
}

/** @type {NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** @type {Set<ChildProcess>} */
const running = new Set()

/** @type {(pids: number[]) => void} */
let onChange = () => {}

/** Tells which processes run on our behalf, now and whenever that changes. */
export function watchSteps(/** @type {(pids: number[]) => void} */ listener) {
  onChange = listener
  changed()
}

function changed() {
  onChange([...running].flatMap((child) => child.pid ?? []))
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function capture(command, args, env) {
  const child = spawn(command, args, {
    cwd: paths.root,
    env: { ...environment().env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** @type {Buffer[]} */
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => chunks.push(data))
  if (running.size === 0) for (const signal of stopSignals) process.on(signal, stop)
  running.add(child)
  changed()
  const code = await exitCode(child, command)
  running.delete(child)
  changed()
  if (running.size === 0) for (const signal of stopSignals) process.off(signal, stop)
  const output = Buffer.concat(chunks).toString()
  return { code, output: process.stderr.isTTY ? output : stripVTControlCharacters(output) }
}

/** A caller that stops us stops what runs on our behalf, so nothing writes after we are gone. */
function stop(/** @type {NodeJS.Signals} */ signal) {
  for (const child of running) {
    child.kill(signal)
    child.once('exit', () => process.exit(signalCode(signal)))
  }
}

/** @returns {Promise<number>} */
function exitCode(/** @type {ChildProcess} */ child, /** @type {string} */ command) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StepError(`${command}: ${error.message}`)))
    child.once('close', (code, signal) => resolve(code ?? signalCode(signal)))
  })
}

/** What a shell reports for a process that a signal ended. */
function signalCode(/** @type {NodeJS.Signals | null} */ signal) {
  return signal ? 128 + constants.signals[signal] : 1
}
