import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '@harnext/core'
import {
  askForModels,
  chooseSandbox,
  howToConnect,
  providerReach,
  providers,
  resolveMcp,
  resolveSettings,
  sandboxRuntime,
  unheldServers,
} from '@harnext/sdk/settings'
import type { Command } from '../command.ts'
import { failedExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { doctorLines, type Check } from '../render/doctor.ts'
import { toJson } from '../render/json.ts'
import { isColoured, styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { homeOf } from '../sessions.ts'

type DoctorCommand = Extract<Command, { readonly name: 'doctor' }>

/**
 * Looks at what a run needs and says what it did, what it found and what to do about it; 1 when something keeps harnext from working.
 * Without `isOnline` it asks nobody but servers of this machine.
 */
export async function examine(
  { format, isOnline }: DoctorCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const checks: readonly Check[] = [
    checkNode(io),
    checkSettings(io),
    checkHome(io),
    ...(await checkProviders(io, isOnline)),
    await checkSandbox(io),
    await checkDomains(io),
    ...checkServers(io),
    checkTerminal(io),
  ]
  const text =
    format === 'json' ? toJson(checks) : doctorLines(checks, styleFor(io.stdout, io.env)).join('\n')
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return checks.some(({ status }) => status === 'problem') ? failedExit : 0
}

const LEAST_NODE = [22, 18] as const

function checkNode({ nodeVersion }: Io): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  const isNew = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  const check = { id: 'node', did: 'looked at the version of Node', found: nodeVersion }
  if (isNew) return { ...check, status: 'ok' }
  return { ...check, status: 'problem', todo: `Install Node ${LEAST_NODE.join('.')} or newer.` }
}

function checkSettings(io: Io): Check {
  const did = 'read the settings of this folder and of the person'
  try {
    const { agent } = resolveSettings({ cwd: io.cwd, env: io.env, home: homeOf(io) })
    const { adapter, model, notices = [] } = agent
    const found = `a run would ask ${adapter.id}/${model}`
    if (notices.length === 0) return { id: 'settings', did, found, status: 'ok' }
    return { id: 'settings', did, found, status: 'warning', todo: notices.join(' ') }
  } catch (error) {
    const todo = 'Correct it, or take it out.'
    return { id: 'settings', did, found: messageOf(error), status: 'problem', todo }
  }
}

/** Sessions are written there; a folder that is not there yet is made in the nearest that is. */
function checkHome(io: Io): Check {
  const home = homeOf(io)
  const check = { id: 'home', did: 'looked whether sessions can be written', found: home }
  let folder = home
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    // Permission bits do not say that something can be made there: not for root, and not of a file system like /proc.
    rmdirSync(mkdtempSync(join(folder, '.harnext-doctor-')))
    return { ...check, status: 'ok' }
  } catch (error) {
    const todo = `Make ${folder} writable, or set HARNEXT_HOME to another folder.`
    return { ...check, found: messageOf(error), status: 'problem', todo }
  }
}

async function checkProviders(io: Io, isOnline: boolean): Promise<readonly Check[]> {
  const listed = providers.list(io.env, homeOf(io))
  const usable = listed.filter(({ key }) => key !== 'missing')
  const checks = await Promise.all(usable.map(({ id }) => checkProvider(id, io, isOnline)))
  const isServed = usable.some(
    ({ key }, index) => key === 'found' || checks[index]?.status === 'ok',
  )
  if (isServed) return checks
  const names = listed.filter(({ key }) => key === 'missing').map(({ id }) => id)
  const did = 'looked for keys in the environment and for stored logins'
  const found = `none for ${names.join(', ')}`
  return [...checks, { id: 'keys', did, found, status: 'problem', todo: howToConnect() }]
}

const PATIENCE_MS = 5000

async function checkProvider(id: string, io: Io, isOnline: boolean): Promise<Check> {
  const sources = { env: io.env, home: homeOf(io) }
  const did = 'looked for its key'
  try {
    const { address, settings } = providerReach(id, sources)
    const key = settings.apiKey === undefined ? 'needs no key' : 'key found'
    const where = address ?? 'its own address'
    if (!isOnline && !isLoopback(address)) {
      const found = `${key}; ${where} was not asked: --online does`
      return { id, did, found, status: 'skipped' }
    }
    return await ask(id, { did: `asked ${where} for its models`, key }, sources)
  } catch (error) {
    const todo = 'Correct the variable, or unset it.'
    return { id, did, found: messageOf(error), status: 'problem', todo }
  }
}

async function ask(
  id: string,
  { did, key }: { readonly did: string; readonly key: string },
  sources: Parameters<typeof askForModels>[1],
): Promise<Check> {
  try {
    const models = await askForModels(id, sources, AbortSignal.timeout(PATIENCE_MS))
    const found = models ? `${key}; it answers, with ${models.length} models` : key
    return { id, did, found, status: 'ok' }
  } catch (error) {
    // One that needs no key may not be there at all: that is a problem only where there is no other.
    const isProblem = key === 'key found'
    const todo = isProblem
      ? 'Check the key, the address and the network.'
      : `Start ${id} to use it.`
    const status = isProblem ? 'problem' : 'warning'
    return { id, did, found: `${key}; ${messageOf(error)}`, status, todo }
  }
}

function isLoopback(address: string | null): boolean {
  const host = address === null ? '' : new URL(address).hostname
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Commands can be run without one: nothing here keeps harnext from working. */
async function checkSandbox({ env }: Io): Promise<Check> {
  const { name, probe } = chooseSandbox(false, { env })
  const check = { id: 'sandbox', did: `ran an empty command in ${name}` }
  const found = await probe()
  if (found.works) {
    const held = [...found.enforces, 'no network'].join('; ')
    return { ...check, found: `with --sandbox auto: ${held}`, status: 'ok' }
  }
  const { reason, todo = 'Run harnext in a container or on a machine of its own.' } = found
  return { ...check, found: `commands cannot be held: ${reason}`, status: 'warning', todo }
}

async function checkDomains({ env }: Io): Promise<Check> {
  const { name, probe } = sandboxRuntime({ env })
  const check = { id: 'domains', did: `ran an empty command in ${name}` }
  const found = await probe()
  if (found.works)
    return { ...check, found: 'with --allow-domain: these domains, by a proxy', status: 'ok' }
  const { reason, todo = 'Do without --allow-domain.' } = found
  return {
    ...check,
    found: `commands reach no list of domains: ${reason}`,
    status: 'skipped',
    todo,
  }
}

/** What a sandbox does not hold has to be known to whoever relies on it. */
function checkServers(io: Io): readonly Check[] {
  const check = { id: 'mcp', did: 'looked which MCP servers run programs' }
  try {
    const { mcp } = resolveMcp({ cwd: io.cwd, env: io.env, home: homeOf(io) })
    const free = unheldServers(mcp)
    if (free.length === 0) return []
    const found = `${free.join(', ')}: not held by --sandbox`
    const todo = 'Hold one by "sandbox": true in its settings, where it needs to write nothing.'
    return [{ ...check, found, status: 'ok', todo }]
  } catch (error) {
    return [{ ...check, found: messageOf(error), status: 'problem', todo: 'Correct it.' }]
  }
}

function checkTerminal({ stdin, stdout, stderr, env }: Io): Check {
  const streams = { input: stdin, output: stdout, errors: stderr }
  const shown = Object.entries(streams).map(
    ([name, { isTTY }]) => `${name} ${isTTY ? 'terminal' : 'no terminal'}`,
  )
  const colour = isColoured(stdout, env) ? 'colour' : 'no colour'
  const canAsk = stdin.isTTY === true && stderr.isTTY === true
  const what = canAsk ? 'a run asks before it does what needs an answer' : 'a run asks nobody'
  const found = `${shown.join(', ')}, ${colour}: ${what}`
  return { id: 'terminal', did: 'looked who reads and writes', found, status: 'ok' }
}
