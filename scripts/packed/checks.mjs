import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs checks one after the other, prints a line for each, and counts. */
export class Checks {
  counts = { passed: 0, failed: 0, skipped: 0 }

  /** The failure of a check that the others need. @type {unknown} */
  stopped = undefined

  /**
   * @param {string} label
   * @param {() => string[] | Promise<string[]>} work gives the problems; none is good
   */
  async run(label, work) {
    const started = performance.now()
    const problems = await Promise.resolve().then(work).catch(problemsOf)
    this.#print(label, started, problems)
  }

  /**
   * A check whose value the others need.
   * @template Value
   * @param {string} label
   * @param {() => Promise<Value>} work
   * @returns {Promise<Value>}
   * @throws what the work throws; `stopped` is then the same
   */
  async need(label, work) {
    const started = performance.now()
    try {
      const value = await work()
      this.#print(label, started, [])
      return value
    } catch (error) {
      this.stopped = error
      this.#print(label, started, problemsOf(error))
      throw error
    }
  }

  skip(/** @type {string} */ label, /** @type {string} */ reason) {
    this.counts.skipped += 1
    process.stdout.write(`- ${label}: skipped, ${reason}\n`)
  }

  #print(
    /** @type {string} */ label,
    /** @type {number} */ started,
    /** @type {string[]} */ problems,
  ) {
    const passed = problems.length === 0
    this.counts[passed ? 'passed' : 'failed'] += 1
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    process.stdout.write(`${passed ? '✓' : '✗'} ${label} ${seconds} s\n`)
    for (const problem of problems) process.stdout.write(`  ${problem.replaceAll('\n', '\n  ')}\n`)
  }
}

/** What a person needs to see of a command that failed: all it printed. */
export function problemsOf(/** @type {unknown} */ error) {
  if (!(error instanceof Error)) return [String(error)]
  const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
  return [`${stdout}${stderr}`.trim() || (error.stack ?? error.message)]
}

const execute = promisify(execFile)

/**
 * Runs a command to its end.
 * @param {string[]} command
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what it printed to stdout
 */
export async function output([file = '', ...args], options) {
  // Far above what any of them takes, so that a hang is a failure.
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 600_000 }
  const { stdout } = await execute(file, args, { ...options, ...limits })
  return stdout
}

/** @param {string} folder @param {string[]} more */
export function npmInstall(folder, more = []) {
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const command = ['npm', 'install', '--prefix', folder, '--prefer-offline', ...quiet, ...more]
  return output(command, { cwd: folder })
}
