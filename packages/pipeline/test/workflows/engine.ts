import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import type { Place } from '../github/place.ts'
import type { Permissions } from '../github/state.ts'
import { holds, interpolate, type Scope } from './expressions.ts'

/** Runs workflows as GitHub would: real shells for what they run, and for the actions what these do. */
export interface EngineOptions {
  readonly place: Place
  readonly secrets: { readonly [name: string]: string }
  /** Of every step, beside what the workflow says. */
  readonly env: { readonly [name: string]: string }
}

export interface Event {
  readonly name: 'issues' | 'workflow_dispatch'
  readonly payload: { readonly [name: string]: unknown }
  readonly inputs?: { readonly [name: string]: string }
}

interface Step {
  readonly name: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: { readonly [name: string]: string }
  readonly with?: { readonly [name: string]: string | number | boolean }
  readonly 'continue-on-error'?: boolean
}
interface Job {
  readonly if?: string
  readonly needs?: string
  readonly permissions: Permissions
  readonly outputs?: { readonly [name: string]: string }
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly name: string
  readonly on: { readonly [event: string]: { readonly types?: readonly string[] } | null }
  readonly concurrency: { readonly group: string }
  readonly env?: { readonly [name: string]: string }
  readonly jobs: { readonly [id: string]: Job }
}

export interface JobRun {
  readonly result: 'success' | 'failure' | 'skipped'
  readonly outputs: { readonly [name: string]: string }
}

export class Engine {
  readonly #options: EngineOptions
  /** All that was printed, by all steps. */
  log = ''
  /** What the steps added to the summaries of their jobs. */
  summaries = ''
  /** `workflow/job` and how it ended, in order. */
  readonly ran: string[] = []
  /** The group of each run. */
  readonly groups: string[] = []
  #runs = 0

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** Runs every workflow that the event starts, one after the other. */
  async deliver(files: { readonly [path: string]: string }, event: Event): Promise<void> {
    for (const text of Object.values(files)) {
      const workflow: Workflow = parse(text)
      const types = workflow.on[event.name]?.types
      if (types?.includes(String(event.payload['action']))) await this.run(text, event)
    }
  }

  async run(text: string, event: Event): Promise<void> {
    const workflow: Workflow = parse(text)
    const { secrets } = this.#options
    this.#runs += 1
    const github = {
      event_name: event.name,
      event: event.payload,
      repository: 'acme/app',
      repository_owner: 'acme',
      server_url: 'https://github.com',
      run_id: String(1000 + this.#runs),
    }
    const top = { contexts: { github, inputs: event.inputs ?? {} }, hasFailed: false }
    this.groups.push(interpolate(workflow.concurrency.group, top))
    const artifacts = await mkdtemp(path.join(this.#options.place.root, 'artifacts-'))
    const needs: { [id: string]: JobRun } = {}
    for (const [id, job] of Object.entries(workflow.jobs)) {
      const before = job.needs === undefined ? undefined : needs[job.needs]
      const contexts = { ...top.contexts, needs, github, secrets }
      const scope = { contexts, hasFailed: before !== undefined && before.result !== 'success' }
      const run: JobRun = holds(job.if, scope)
        ? await this.#runJob(job, workflow, scope, artifacts)
        : { result: 'skipped', outputs: {} }
      needs[id] = run
      if (run.result !== 'skipped') this.ran.push(`${workflow.name}/${id} ${run.result}`)
    }
  }

  async #runJob(job: Job, workflow: Workflow, outer: Scope, artifacts: string): Promise<JobRun> {
    const { place } = this.#options
    const folder = await mkdtemp(path.join(place.root, 'machine-'))
    const temp = path.join(folder, 'temp')
    const workspace = path.join(folder, 'work')
    await Promise.all([mkdir(temp), mkdir(workspace)])
    // The token of a job may do what its permissions say and nothing else.
    const token = `token-${this.#runs}-${this.ran.length}-of-job`
    place.server.state.tokens.set(token, job.permissions)
    const steps: { [id: string]: { outputs: { [name: string]: string }; outcome: string } } = {}
    const github = { ...(outer.contexts['github'] as object), token, workspace }
    const contexts = { ...outer.contexts, github, steps, runner: { temp } }
    const machine = { folder, temp, workspace, artifacts, path: [place.bin] }
    let hasFailed = false
    for (const step of job.steps) {
      const scope = { contexts, hasFailed }
      let outcome = 'skipped'
      let outputs = {}
      if (holds(step.if, scope)) {
        const done = await this.#runStep(step, workflow, scope, machine)
        outcome = done.isGood ? 'success' : 'failure'
        outputs = done.outputs
        if (!done.isGood && !step['continue-on-error']) hasFailed = true
      }
      if (step.id !== undefined) steps[step.id] = { outputs, outcome }
    }
    const scope = { contexts, hasFailed }
    const outputs = Object.fromEntries(
      Object.entries(job.outputs ?? {}).map(([name, text]) => [name, interpolate(text, scope)]),
    )
    place.server.state.tokens.delete(token)
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    return { result: hasFailed ? 'failure' : 'success', outputs }
  }

  async #runStep(
    step: Step,
    workflow: Workflow,
    scope: Scope,
    machine: Machine,
  ): Promise<{ readonly isGood: boolean; readonly outputs: { readonly [name: string]: string } }> {
    const given = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? interpolate(value, scope) : value,
      ]),
    )
    if (step.uses !== undefined) {
      const isGood = await this.#act(step.uses, given, machine)
      return { isGood, outputs: {} }
    }
    const own = { ...workflow.env, ...step.env }
    const env = Object.fromEntries(
      Object.entries(own).map(([name, text]) => [name, interpolate(text, scope)]),
    )
    return this.#shell(step, env, machine)
  }

  async #shell(
    { run = '', shell }: Step,
    env: { readonly [name: string]: string },
    machine: Machine,
  ): Promise<{ readonly isGood: boolean; readonly outputs: { readonly [name: string]: string } }> {
    const { folder, temp, workspace } = machine
    const files = Object.fromEntries(
      ['OUTPUT', 'ENV', 'PATH', 'STEP_SUMMARY'].map((name) => [
        `GITHUB_${name}`,
        path.join(folder, `${name}-${Math.random().toString(36).slice(2)}`),
      ]),
    )
    for (const file of Object.values(files)) await writeFile(file, '')
    const script = path.join(folder, 'script')
    await writeFile(script, run)
    const [program = '', ...args] =
      shell === 'bash'
        ? ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', script]
        : ['node', script]
    const child = spawn(program, args, {
      cwd: workspace,
      env: {
        ...this.#options.env,
        ...files,
        HOME: folder,
        GITHUB_WORKSPACE: workspace,
        GITHUB_REPOSITORY: 'acme/app',
        RUNNER_TEMP: temp,
        GIT_CONFIG_GLOBAL: '/dev/null',
        PATH: [...machine.path, process.env['PATH']].join(':'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const [output = '', added = '', summary = ''] = await Promise.all(
      ['OUTPUT', 'PATH', 'STEP_SUMMARY'].map((name) =>
        readFile(files[`GITHUB_${name}`] ?? '', 'utf8'),
      ),
    )
    machine.path.unshift(...added.split('\n').filter(Boolean))
    this.summaries += summary
    const outputs = output
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    return { isGood: code === 0, outputs: Object.fromEntries(outputs) }
  }

  /** What the pinned actions do, as far as the workflows ask for it. */
  async #act(
    uses: string,
    given: { readonly [name: string]: string | number | boolean },
    { workspace, artifacts, temp }: Machine,
  ): Promise<boolean> {
    const { place } = this.#options
    const name = uses.split('@')[0]
    if (name === 'actions/setup-node') return true
    if (name === 'actions/checkout') {
      if (given['persist-credentials'] !== false) throw new Error('The token would stay on disk.')
      await place.git('clone', '--quiet', place.origin, workspace)
      const ref = String(given['ref'] ?? 'main')
      await place.git('-C', workspace, 'checkout', '--quiet', ref)
      return true
    }
    const store = path.join(artifacts, String(given['name']))
    const folder = String(given['path'])
    if (!folder.startsWith(temp)) throw new Error(`${folder} is not in the folder of the job.`)
    const [from, to] = name === 'actions/upload-artifact' ? [folder, store] : [store, folder]
    try {
      await cp(from, to, { recursive: true })
      return true
    } catch {
      // As the action: what is not there fails the step.
      return false
    }
  }
}

interface Machine {
  readonly folder: string
  readonly temp: string
  readonly workspace: string
  readonly artifacts: string
  /** Of the steps to come. */
  readonly path: string[]
}
