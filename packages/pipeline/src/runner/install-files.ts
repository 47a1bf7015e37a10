import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, isJsonObject, messageOf, type Json, type JsonObject } from '@harnext/core'
import type { GitHub } from '../git-hub.ts'
import type { Processes } from '../processes.ts'
import type { Machine } from './machine.ts'

/**
 * Puts GitHub's runner into a folder: the version that GitHub names, checked by the sum that GitHub names. True where it was not there
 * yet. Throws `ConfigError`.
 */
export async function installFiles(
  folder: string,
  gitHub: GitHub,
  processes: Processes,
  machine: Machine,
): Promise<boolean> {
  if (existsSync(path.join(folder, 'run.sh'))) return false
  const download = chooseDownload(await gitHub.api('GET', 'actions/runners/downloads'), machine)
  const parent = path.dirname(folder)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const temporary = await mkdtemp(path.join(parent, '.download-'))
  try {
    const archive = path.join(temporary, 'runner.tar.gz')
    const unpacked = path.join(temporary, 'runner')
    await writeFile(archive, await fetchChecked(download))
    await mkdir(unpacked, { mode: 0o700 })
    const call = { program: 'tar', args: ['-xzf', archive, '-C', unpacked] }
    const { code, stderr } = await processes.run(call)
    if (code !== 0) throw new ConfigError(`${download.url} could not be unpacked: ${stderr.trim()}`)
    await rm(folder, { recursive: true, force: true })
    await rename(unpacked, folder)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return true
}

/** Writes what is not there as it should be. True where it wrote. */
export async function ensureFile(file: string, contents: string, mode: number): Promise<boolean> {
  if ((await readIfThere(file)) === contents) return false
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, contents, { mode })
  return true
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

interface Download {
  readonly url: string
  readonly sha256: string
}

const systems: { readonly [platform: string]: string } = { linux: 'linux', darwin: 'osx' }

function chooseDownload(answer: Json, { platform, architecture }: Machine): Download {
  const offers = Array.isArray(answer) ? answer.filter(isJsonObject) : []
  const found = offers.find(
    (offer) => offer['os'] === systems[platform] && offer['architecture'] === architecture,
  )
  const [url, sha256] = [text(found, 'download_url'), text(found, 'sha256_checksum')]
  if (url === undefined)
    throw new ConfigError(`GitHub has no runner for ${platform} on ${architecture}.`)
  if (sha256 === undefined)
    throw new ConfigError(`GitHub names no checksum for ${url}, so it is not installed.`)
  return { url, sha256 }
}

function text(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

async function fetchChecked({ url, sha256 }: Download): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    throw new ConfigError(`${url} could not be loaded: ${messageOf(error)}`, { cause: error })
  }
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256.toLowerCase())
    throw new ConfigError(`${url} has the checksum ${found}; GitHub says ${sha256}.`)
  return bytes
}
