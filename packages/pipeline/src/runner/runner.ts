import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, isJsonObject, messageOf, type Json, type JsonObject } from '@harnext/core'
import { GitHub, repositoryOf, runnerLabel, type Repository } from '../git-hub.ts'
import { machineProcesses, type Processes, type ProgramCall } from '../processes.ts'
import { ensureFile, installFiles, readIfThere } from './install-files.ts'
import { countJobs, type JobCounts } from './jobs.ts'
import { launchd } from './launchd.ts'
import { thisMachine, type Machine } from './machine.ts'
import { checkPublic, hasOwnLogin, register } from './registration.ts'
import type { ServiceManager, ServiceName } from './service.ts'
import { startScript } from './start-script.ts'
import { systemd } from './systemd.ts'

export interface RunnerOptions {
  /** The folder of a clone, whose remote `origin` is the repository. @default '.' */
  readonly repo?: string
  /** How `git`, `gh`, `tar` and the service manager are run. @default those of this machine */
  readonly processes?: Processes
  /** @default this one */
  readonly machine?: Partial<Machine>
}

export interface InstallOptions {
  /** @default that of the machine */
  readonly service?: ServiceName
  /** Beside `self-hosted` and the one that pins the runner to its repository. */
  readonly labels?: readonly string[]
  /**
   * Registers anew for each job, so that none finds what another left. @default where gh has a login that the service finds too
   */
  readonly ephemeral?: boolean
  /** Installs it for a public repository whose settings let strangers run on it. @default false */
  readonly allowPublic?: boolean
}

export interface InstallResult {
  /** What was done; empty where all was there already. */
  readonly changed: readonly ('files' | 'registration' | 'service')[]
  readonly labels: readonly string[]
  readonly ephemeral: boolean
  /** What did not work and is not needed. */
  readonly problems: readonly string[]
}

export interface RunnerStatus {
  /** The service runs. */
  readonly active: boolean
  /** GitHub knows it. An ephemeral one is unknown for the moment between two jobs. */
  readonly registered: boolean
  readonly online: boolean
  readonly labels: readonly string[]
  /** Of the last 24 hours, as far as its log goes back. */
  readonly jobs24h: JobCounts
}

export interface UninstallResult {
  readonly removed: readonly ('registration' | 'service' | 'files')[]
  readonly problems: readonly string[]
}

const DAY_MS = 24 * 60 * 60 * 1000
const LOG_LINES = 200
/** Enough for the jobs of a day. */
const COUNTED_LINES = 20_000

/**
 * A runner of GitHub Actions on this machine, for one repository.
 *
 * @example
 * const runner = new Runner({ repo: '.' })
 * await runner.install({ labels: ['gpu'] })
 * console.log(await runner.status())
 */
export class Runner {
  readonly #folder: string
  readonly #processes: Processes
  readonly #machine: Machine

  constructor(options: RunnerOptions = {}) {
    this.#folder = path.resolve(options.repo ?? '.')
    this.#processes = options.processes ?? machineProcesses
    this.#machine = { ...thisMachine(), ...options.machine }
  }

  /**
   * Puts the runner onto this machine and keeps it running; does what is missing and nothing else, so it may be called again. Throws
   * `ConfigError`, for a public repository also where pull requests of strangers could run on this machine.
   */
  async install(options: InstallOptions = {}): Promise<InstallResult> {
    for (const label of options.labels ?? []) checkLabel(label)
    const place = await this.#place(options.service)
    const { gitHub, repository, folder, name } = place
    if (!options.allowPublic) await checkPublic(gitHub, repository)
    const labels = [...new Set(['self-hosted', place.label, ...(options.labels ?? [])])]
    const canBe = options.ephemeral !== false && (await hasOwnLogin(repository, this.#processes))
    if (options.ephemeral && !canBe)
      throw new ConfigError(
        'An ephemeral runner asks GitHub for each job, so gh needs a login of its own, not a variable: gh auth login',
      )
    const settings = { name, labels, isEphemeral: canBe }
    const changed: ('files' | 'registration' | 'service')[] = []
    if (await installFiles(folder, gitHub, this.#processes, this.#machine)) changed.push('files')
    const isRegistered =
      !settings.isEphemeral &&
      (await register(folder, settings, repository, gitHub, this.#processes))
    if (isRegistered) changed.push('registration')
    const script = startScript(repository, settings)
    const isNew = await ensureFile(path.join(folder, 'start.sh'), script, 0o700)
    await ensureFile(settingsFile(folder), `${JSON.stringify({ labels })}\n`, 0o600)
    const problems: string[] = []
    if (await this.#startService(place.service, isNew || changed.length > 0, problems))
      changed.push('service')
    return { changed, labels, ephemeral: settings.isEphemeral, problems }
  }

  /** How it stands. Throws `ConfigError` where GitHub cannot be asked. */
  async status(): Promise<RunnerStatus> {
    const place = await this.#place()
    const known = await this.#registrations(place)
    const lines: string[] = []
    const call = place.service.logs({ lines: COUNTED_LINES, follow: false })
    for await (const line of this.#processes.lines(call)) lines.push(line)
    const { code } = await this.#processes.run(place.service.isActive)
    const settings = await readIfThere(settingsFile(place.folder))
    const installed = settings === undefined ? [] : JSON.parse(settings).labels
    return {
      active: code === 0,
      registered: known.length > 0,
      online: known.some(({ status }) => status === 'online'),
      labels: installed,
      jobs24h: countJobs(lines, this.#machine.now() - DAY_MS),
    }
  }

  /** What the runner printed, line by line. `follow` goes on until the loop is left or the signal comes. */
  async *logs(
    options: {
      readonly follow?: boolean
      readonly lines?: number
      readonly signal?: AbortSignal
    } = {},
  ): AsyncGenerator<string, void, undefined> {
    const { follow = false, lines = LOG_LINES, signal } = options
    const { service } = await this.#place()
    yield* this.#processes.lines({
      ...service.logs({ lines, follow }),
      ...(signal && { signal }),
    })
  }

  /** Takes the runner off GitHub and off this machine. What cannot be removed is told, and does not keep the rest. */
  async uninstall(): Promise<UninstallResult> {
    const place = await this.#place()
    const { service, folder } = place
    const removed: ('registration' | 'service' | 'files')[] = []
    const problems: string[] = []
    const attempt = async (what: (typeof removed)[number], act: () => Promise<boolean>) => {
      try {
        if (await act()) removed.push(what)
      } catch (error) {
        problems.push(messageOf(error))
      }
    }
    await attempt('service', async () => {
      if (!existsSync(service.file)) return false
      for (const call of service.stop) await this.#expect(call, problems)
      await rm(service.file)
      for (const call of service.forget) await this.#expect(call, problems)
      return true
    })
    await attempt('registration', async () => {
      const known = await this.#registrations(place)
      for (const { id } of known)
        await place.gitHub.api('DELETE', `actions/runners/${JSON.stringify(id)}`)
      return known.length > 0
    })
    await attempt('files', async () => {
      if (!existsSync(folder)) return false
      await rm(folder, { recursive: true, force: true })
      return true
    })
    return { removed, problems }
  }

  async #startService(
    service: ServiceManager,
    isNew: boolean,
    problems: string[],
  ): Promise<boolean> {
    const isWritten = await ensureFile(service.file, service.contents, 0o600)
    const { code } = await this.#processes.run(service.isActive)
    if (code === 0 && !isWritten && !isNew) return false
    // What runs with old settings is ended first; what does not run cannot be.
    if (code === 0) for (const call of service.stop) await this.#expect(call, problems)
    for (const call of service.start) await this.#expect(call, problems)
    const { code: after } = await this.#processes.run(service.isActive)
    if (after !== 0)
      throw new ConfigError(`The service did not start: ${problems.join(' ') || service.file}`)
    return true
  }

  async #expect(call: ProgramCall, problems: string[]): Promise<void> {
    const { code, stderr } = await this.#processes.run(call)
    if (code === 0) return
    const text = stderr.trim() || `it ended with ${code}`
    problems.push(`${[call.program, ...call.args].join(' ')}: ${text}`)
  }

  /** Those of this machine: another one may serve the same repository. */
  async #registrations({ gitHub, name }: RunnerPlace): Promise<readonly JsonObject[]> {
    const answer = await gitHub.api('GET', 'actions/runners?per_page=100')
    const runners = isJsonObject(answer) ? answer['runners'] : undefined
    return (Array.isArray(runners) ? runners : [])
      .filter(isJsonObject)
      .filter((runner) => isOwn(runner['name'], name))
  }

  async #place(service?: ServiceName): Promise<RunnerPlace> {
    const machine = this.#machine
    const repository = await repositoryOf(this.#folder, this.#processes)
    const label = runnerLabel(repository)
    const folder = path.join(machine.harnextHome, 'runners', label)
    const host = machine.hostname.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 30)
    const definition = {
      name: label,
      description: `Runner of ${repository.owner}/${repository.name}`,
      folder,
      program: path.join(folder, 'start.sh'),
      path: machine.path,
      logFile: path.join(folder, 'runner.log'),
    }
    const manager = service ?? (machine.platform === 'darwin' ? 'launchd' : 'systemd')
    return {
      repository,
      gitHub: new GitHub(repository, this.#processes),
      label,
      name: `${label}-${host}`,
      folder,
      service:
        manager === 'systemd'
          ? systemd(definition, machine.home)
          : launchd(definition, machine.home, machine.uid),
    }
  }
}

interface RunnerPlace {
  readonly repository: Repository
  readonly gitHub: GitHub
  readonly label: string
  /** What its names on GitHub begin with. */
  readonly name: string
  readonly folder: string
  readonly service: ServiceManager
}

/** An ephemeral runner has the time behind its name. */
function isOwn(found: Json | undefined, name: string): boolean {
  if (typeof found !== 'string' || !found.startsWith(name)) return false
  return /^(?:-\d+)?$/.test(found.slice(name.length))
}

function settingsFile(folder: string): string {
  return path.join(folder, 'harnext.json')
}

function checkLabel(label: string): void {
  if (!/^[A-Za-z0-9][\w.-]{0,60}$/.test(label))
    throw new ConfigError(
      `A label of a runner must be a word of letters, digits and ._-; got ${JSON.stringify(label)}.`,
    )
}
