import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, nearest } from '@harnext/core'
import { unifiedDiff, type FileChange } from './diff.ts'
import { generatedFiles } from './generated-files.ts'
import { GitHub, repositoryOf, runnerLabel } from './git-hub.ts'
import { missingLabels, pipelineLabels } from './labels.ts'
import { machineProcesses, type Processes } from './processes.ts'
import { checkChain, checkId, checkName, checkSandbox, checkSettings } from './stage/check-stage.ts'
import { resolveStage } from './stage/resolve-stage.ts'
import type { StageEntry, StageSandbox, StageSettings } from './stage/stage.ts'
import { version } from './version.ts'
import { hostedRunner } from './workflow/pins.ts'
import type { Intake, MergeMethod, Pipeline } from './workflow/pipeline.ts'
import { renderPipeline } from './workflow/render.ts'

export interface HarnessOptions {
  /** The folder of a clone. @default '.' */
  readonly repo?: string
  /** @default 'anthropic' */
  readonly provider?: string
  /** @default the provider's */
  readonly model?: string
  /** What the labels of the pipeline begin with. @default 'stage:' */
  readonly labelPrefix?: string
  /** How `git` and `gh` are run. @default those of this machine */
  readonly processes?: Processes
}

export interface SetupOptions {
  /** In their order. @default triage, plan, implement, review */
  readonly stages?: readonly string[]
  /** `self-hosted`: the machine that `Runner` installs. @default 'github' */
  readonly runner?: 'github' | 'self-hosted'
  /** @default 'main' */
  readonly defaultBranch?: string
  /** @default 'squash' */
  readonly merge?: MergeMethod
  /** Whose new issues begin by themselves. @default 'members' */
  readonly intake?: Intake
  /** Of the `harnext` that the stages install. @default that of this package */
  readonly harnextVersion?: string
  /** How the commands of all stages are held; a stage may say otherwise. @default 'required', with the registries of packages */
  readonly sandbox?: StageSandbox
}

export interface StageOptions extends StageSettings {
  /** The id of the stage before it. @default the last one */
  readonly after?: string
}

export interface WriteResult {
  /** Paths, sorted. */
  readonly written: readonly string[]
  readonly removed: readonly string[]
  /** Labels that were made. */
  readonly labels: readonly string[]
}

/**
 * A pipeline of GitHub workflows, one a stage, in which labels take an issue to a merged pull request.
 *
 * @example
 * const harness = new Harness({ repo: '.', provider: 'anthropic' })
 * await harness.setup({ stages: ['plan', 'implement', 'review'] })
 * console.log(harness.diff())
 * await harness.write()
 */
export class Harness {
  readonly #folder: string
  readonly #defaults: { readonly provider: string; readonly model?: string }
  readonly #labelPrefix: string
  readonly #processes: Processes
  #entries: readonly StageEntry[]
  #rest: Omit<Pipeline, 'stages' | 'labelPrefix'>
  #sandbox: StageSandbox = 'required'

  /** Throws `ConfigError` when an option makes no sense. */
  constructor(options: HarnessOptions = {}) {
    const { repo = '.', provider = 'anthropic', model, labelPrefix = 'stage:' } = options
    checkName('Harness', 'provider', provider)
    if (model !== undefined) checkName('Harness', 'model', model)
    if (!/^[a-z0-9][a-z0-9:/_.-]{0,18}$/.test(labelPrefix))
      throw new ConfigError(
        `labelPrefix must be at most 19 of a-z, 0-9 and :/_.-, as "stage:"; got ${JSON.stringify(labelPrefix)}.`,
      )
    this.#folder = path.resolve(repo)
    this.#defaults = { provider, ...(model !== undefined && { model }) }
    this.#labelPrefix = labelPrefix
    this.#processes = options.processes ?? machineProcesses
    this.#entries = entriesOf(defaultStages)
    this.#rest = {
      defaultBranch: 'main',
      runsOn: hostedRunner,
      merge: 'squash',
      intake: 'members',
      harnextVersion: version,
    }
  }

  /**
   * Begins anew with these stages. A pipeline on a machine of one's own reads the remote `origin`, for the label of its runner. Throws
   * `ConfigError`.
   */
  async setup(options: SetupOptions = {}): Promise<void> {
    const { stages = defaultStages, runner = 'github', defaultBranch = 'main' } = options
    const { merge = 'squash', intake = 'members', harnextVersion = version } = options
    const { sandbox = 'required' } = options
    checkSandbox('Harness', sandbox)
    for (const id of stages) checkId(id)
    checkName('Harness', 'defaultBranch', defaultBranch)
    checkName('Harness', 'harnextVersion', harnextVersion)
    checkChoice('merge', merge, ['squash', 'merge', 'rebase', 'manual'])
    checkChoice('intake', intake, ['members', 'everyone', 'manual'])
    checkChoice('runner', runner, ['github', 'self-hosted'])
    const entries = entriesOf(stages)
    checkChain(entries)
    const runsOn =
      runner === 'github'
        ? hostedRunner
        : ['self-hosted', runnerLabel(await repositoryOf(this.#folder, this.#processes))]
    this.#entries = entries
    this.#sandbox = sandbox
    this.#rest = { defaultBranch, runsOn, merge, intake, harnextVersion }
  }

  /** The ids of the stages, in their order. */
  get stages(): readonly string[] {
    return this.#entries.map(({ id }) => id)
  }

  /** Throws `ConfigError`. */
  addStage(id: string, options: StageOptions = {}): void {
    checkId(id)
    const { after, ...settings } = options
    const at = after === undefined ? this.#entries.length : this.#indexOf(after) + 1
    const entry = { id, settings: checkSettings(id, settings) }
    this.#replace(this.#entries.toSpliced(at, 0, entry))
  }

  /** Changes what is given of a stage's settings, and its place where `after` is given. Throws `ConfigError`. */
  setStage(id: string, options: StageOptions): void {
    const { after, ...settings } = options
    const at = this.#indexOf(id)
    const entry = {
      id,
      settings: checkSettings(id, { ...this.#entries[at]?.settings, ...settings }),
    }
    if (after === undefined) return this.#replace(this.#entries.with(at, entry))
    const others = this.#entries.toSpliced(at, 1)
    const place = others.findIndex((other) => other.id === after) + 1
    if (place === 0) throw new ConfigError(`Stage "${id}" cannot come after "${after}".`)
    this.#replace(others.toSpliced(place, 0, entry))
  }

  /** Those around it follow each other. Throws `ConfigError`. */
  removeStage(id: string): void {
    const at = this.#indexOf(id)
    if (this.#entries.length === 1)
      throw new ConfigError(`"${id}" is the only stage; a pipeline needs one.`)
    this.#replace(this.#entries.toSpliced(at, 1))
  }

  /** The contents of each file by its path below the repository, sorted. The same settings give the same bytes. */
  render(): Readonly<Record<string, string>> {
    return renderPipeline(this.#pipeline())
  }

  /** What `write` would change on disk, as a unified diff; empty where nothing would. */
  diff(): string {
    return unifiedDiff(this.#changes())
  }

  /**
   * Writes the workflows, removes generated ones of stages that are no more, and makes the labels that the repository lacks. What is
   * there already is left alone. `labels: false` leaves GitHub alone. Throws `ConfigError` where `gh` cannot be asked.
   */
  async write(options: { readonly labels?: boolean } = {}): Promise<WriteResult> {
    const changes = this.#changes().filter(({ before, after }) => before !== after)
    for (const { path: name, after } of changes) {
      const file = path.join(this.#folder, name)
      if (after === undefined) {
        await rm(file, { force: true })
        continue
      }
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, after)
    }
    return {
      written: changes.filter(({ after }) => after !== undefined).map((change) => change.path),
      removed: changes.filter(({ after }) => after === undefined).map((change) => change.path),
      labels: options.labels === false ? [] : await this.#makeLabels(),
    }
  }

  async #makeLabels(): Promise<readonly string[]> {
    const repository = await repositoryOf(this.#folder, this.#processes)
    const gitHub = new GitHub(repository, this.#processes)
    const missing = missingLabels(pipelineLabels(this.#pipeline()), await gitHub.labels())
    for (const { name, color, description } of missing)
      await gitHub.api('POST', 'labels', { name, color, description })
    return missing.map(({ name }) => name)
  }

  #pipeline(): Pipeline {
    const defaults = { ...this.#defaults, sandbox: this.#sandbox }
    return {
      ...this.#rest,
      labelPrefix: this.#labelPrefix,
      stages: this.#entries.map((entry) => resolveStage(entry, defaults)),
    }
  }

  #changes(): readonly FileChange[] {
    const files = this.render()
    const names = new Set([...Object.keys(files), ...generatedFiles(this.#folder)])
    return [...names].toSorted().map((name) => ({
      path: name,
      ...existing(path.join(this.#folder, name)),
      ...(files[name] !== undefined && { after: files[name] }),
    }))
  }

  #replace(entries: readonly StageEntry[]): void {
    checkChain(entries)
    this.#entries = entries
  }

  #indexOf(id: string): number {
    const at = this.#entries.findIndex((entry) => entry.id === id)
    if (at !== -1) return at
    const near = nearest(id, this.stages)
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    throw new ConfigError(`There is no stage "${id}"; there are ${this.stages.join(', ')}.${hint}`)
  }
}

const defaultStages = ['triage', 'plan', 'implement', 'review'] as const

function entriesOf(ids: readonly string[]): readonly StageEntry[] {
  if (ids.length === 0) throw new ConfigError('A pipeline needs at least one stage.')
  return ids.map((id) => ({ id, settings: {} }))
}

function checkChoice(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value))
    throw new ConfigError(`${name} must be ${choices.join(', ')}; got ${JSON.stringify(value)}.`)
}

function existing(file: string): { readonly before?: string } {
  try {
    return { before: readFileSync(file, 'utf8') }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
