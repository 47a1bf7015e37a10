import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say, watchSteps } from './step.mjs'

const beatMilliseconds = 1000
/** Older than this, a lock's process ids may belong to somebody else by now. */
const staleMilliseconds = 30_000

/**
 * Runs `work` while no other call on this machine runs it; a second one waits and says so.
 *
 * The lock is a folder that names the processes which write: the holder and the commands it
 * started, because those live on when the holder is killed. It is free again when all of them are
 * gone, or when nobody has renewed it for half a minute.
 * @param {string} folder
 * @param {() => Promise<void>} work
 */
export async function withLock(folder, work) {
  await acquire(folder)
  const isOurs = () => read(folder)?.pids[0] === process.pid
  const release = () => {
    if (isOurs()) remove(folder)
  }
  process.once('exit', release)
  let pids = [process.pid]
  const renew = () => {
    if (!isOurs()) return
    const next = path.join(folder, 'pids.next')
    writeFileSync(next, pids.join(' '))
    renameSync(next, path.join(folder, 'pids'))
  }
  watchSteps((children) => {
    pids = [process.pid, ...children]
    renew()
  })
  const beat = setInterval(renew, beatMilliseconds)
  try {
    await work()
  } finally {
    clearInterval(beat)
    watchSteps(() => {})
    process.off('exit', release)
    release()
  }
}

async function acquire(/** @type {string} */ folder) {
  mkdirSync(path.dirname(folder), { recursive: true })
  let told = false
  while (!take(folder)) {
    const holder = read(folder)
    if (holder && !isAlive(holder)) {
      removeStale(folder, holder)
      continue
    }
    if (holder && !told) say(`Waiting for another call to finish (process ${holder.pids[0]}) …`)
    told ||= holder !== undefined
    await sleep(100)
  }
}

/** Renaming a full folder to a name that is taken fails, so exactly one of many callers gets it. */
function take(/** @type {string} */ folder) {
  const own = `${folder}.${process.pid}`
  mkdirSync(own, { recursive: true })
  writeFileSync(path.join(own, 'pids'), String(process.pid))
  try {
    renameSync(own, folder)
    return true
  } catch {
    rmSync(own, { recursive: true, force: true })
    return false
  }
}

/** @typedef {{ pids: number[], renewed: number }} Holder */

/** @returns {Holder | undefined} */
function read(/** @type {string} */ folder) {
  const file = path.join(folder, 'pids')
  try {
    return {
      pids: readFileSync(file, 'utf8').split(' ').map(Number),
      renewed: statSync(file).mtimeMs,
    }
  } catch {
    return undefined
  }
}

function isAlive(/** @type {Holder} */ { pids, renewed }) {
  return Date.now() - renewed < staleMilliseconds && pids.some(processExists)
}

function processExists(/** @type {number} */ pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** If somebody else was faster, what was moved is their lock and goes back. */
function removeStale(/** @type {string} */ folder, /** @type {Holder} */ seen) {
  remove(folder, (away) => read(away)?.pids[0] === seen.pids[0])
}

/** In one move, then at leisure: a folder that is emptied in place could be taken half-way. */
function remove(
  /** @type {string} */ folder,
  /** @type {(away: string) => boolean} */ isRight = () => true,
) {
  const away = `${folder}.removed.${process.pid}`
  try {
    renameSync(folder, away)
    if (isRight(away)) rmSync(away, { recursive: true, force: true })
    else renameSync(away, folder)
  } catch {
    // Somebody else removed it.
  }
}
