import { execFile } from 'node:child_process'
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Harness } from '../../src/index.ts'
import { makePlace, type Place } from '../github/place.ts'
import type { Issue } from '../github/state.ts'
import { Engine } from './engine.ts'
import { modelServer, type ModelServer, type Turn } from './model-server.ts'

/** A repository with a pipeline, one issue, and a model. */
export interface Simulation {
  readonly place: Place
  readonly engine: Engine
  readonly model: ModelServer
  readonly issue: Issue
  readonly harness: Harness
  /** Opens the issue. */
  open(): Promise<void>
  /** A person adds a label. */
  label(name: string): Promise<void>
  /** What stood on the command lines and in the environments of harnext. */
  calls(): Promise<string>
}

const cliMain = path.join(
  import.meta.dirname,
  '../../../../apps/cli',
  // Starts in half of the time.
  process.env['HARNEXT_BUILT'] ? 'bin/harnext.cjs' : 'src/main.ts',
)
export const secretKey = 'sk-secret-of-the-vendor'

/** Whether the sandbox of a stage works on this machine. */
export const holdsCommands: Promise<boolean> = new Promise((resolve) => {
  const script = 'bwrap --unshare-all --ro-bind / / true && socat -V && rg --version'
  execFile('/bin/sh', ['-c', script], (error) => {
    if (error) console.log(`Stages run without a sandbox: ${error.message}`)
    resolve(error === null)
  })
})

export interface SimulationOptions {
  readonly answer: (task: string, turn: number) => Turn
  readonly issue?: Partial<Issue>
  readonly configure?: (harness: Harness) => Promise<void> | void
}

export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const place = await makePlace()
  const npm = path.join(place.bin, 'npm')
  await copyFile(path.join(import.meta.dirname, 'npm.mjs'), npm)
  await chmod(npm, 0o755)
  // The packages that a sandbox needs are there, or they are not.
  await writeFile(path.join(place.bin, 'sudo'), '#!/bin/sh\necho "$@" >> "$SUDO_CALLS"\n', {
    mode: 0o755,
  })
  const model = await modelServer(options.answer)
  const harness = new Harness({ repo: place.clone, processes: place.processes })
  await options.configure?.(harness)
  if (!(await holdsCommands))
    for (const id of harness.stages) harness.setStage(id, { sandbox: 'auto' })
  await harness.write()
  const calls = path.join(place.root, 'calls.txt')
  await writeFile(calls, '')
  const engine = new Engine({
    place,
    secrets: { ANTHROPIC_API_KEY: secretKey },
    env: {
      GH_LOOPBACK: place.server.url,
      ANTHROPIC_BASE_URL: model.url,
      HARNEXT_MAIN: cliMain,
      HARNEXT_CALLS: calls,
      SUDO_CALLS: path.join(place.root, 'sudo.txt'),
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    },
  })
  const issue: Issue = {
    number: 7,
    title: 'The answer is wrong',
    body: 'answer.txt says 41; it must be 42.',
    author: 'ada',
    association: 'MEMBER',
    state: 'open',
    labels: [],
    comments: [],
    ...options.issue,
  }
  place.server.state.issues.push(issue)
  const deliver = async (payload: { readonly [name: string]: unknown }): Promise<void> => {
    const shown = {
      number: issue.number,
      title: issue.title,
      body: issue.body,
      author_association: issue.association,
    }
    await engine.deliver(harness.render(), {
      name: 'issues',
      payload: { ...payload, issue: shown },
    })
    await settle(harness, engine, place)
  }
  return {
    place,
    engine,
    model,
    issue,
    harness,
    open: () => deliver({ action: 'opened' }),
    async label(name) {
      issue.labels.push(name)
      await deliver({ action: 'labeled', label: { name } })
    },
    calls: () => readFile(calls, 'utf8'),
  }
}

/** Runs what workflows have asked for, until nothing is left. */
async function settle(harness: Harness, engine: Engine, { server }: Place): Promise<void> {
  for (let rounds = 0; rounds < 30; rounds += 1) {
    const next = server.state.dispatches[0]
    if (!next) return
    server.state.dispatches.shift()
    const text = harness.render()[`.github/workflows/${next.workflow}`]
    if (text === undefined) throw new Error(`There is no workflow ${next.workflow}.`)
    const inputs = { issue: next.issue }
    await engine.run(text, { name: 'workflow_dispatch', payload: { inputs }, inputs })
  }
  throw new Error('The workflows start each other without an end.')
}

/** A model that does what each stage asks for. */
export function good(task: string, turn: number): Turn {
  if (task.startsWith('Implement') && turn === 0)
    return { tool: 'write', args: { path: 'answer.txt', content: '42\n' } }
  return { verdict: 'proceed', report: `Done: ${task.split(' ')[0]} @team` }
}
