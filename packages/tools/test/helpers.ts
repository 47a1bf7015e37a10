import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  HarnextError,
  ToolResult,
  textOf,
  type Effect,
  type Json,
  type RunEvent,
  type Tool,
  type ToolContext,
  type ToolPart,
  type Workspace,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { onTestFinished } from 'vitest'

export interface Place {
  readonly root: string
  readonly home: string
  readonly workspace: Workspace
}

/** A project folder and a home, with these files in the project; removed when the test ends. */
export async function place(
  files: { readonly [path: string]: string | Uint8Array } = {},
): Promise<Place> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'harnext-tools-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const root = join(folder, 'project')
  const home = join(folder, 'home')
  await mkdir(root)
  await mkdir(home)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return { root, home, workspace: localWorkspace({ roots: [root], home }) }
}

/** Whose output files no other run of these tests touches. */
export const testSession: string = `sess_${randomUUID()}`

/** A command that no other process of the machine is, those of another run of these tests neither; digits may follow. */
export const longSleep: string = `sleep 300.${String(process.pid).padStart(8, '0')}`

export interface Outcome {
  readonly isError: boolean
  readonly text: string
  readonly content: readonly ToolPart[]
  readonly changes: readonly string[]
  readonly changesComplete?: true
  /** The `code` of what was thrown. */
  readonly code?: string
  readonly effects: readonly Effect[]
  readonly progress: readonly Json[]
  readonly events: readonly RunEvent[]
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Between the decision and the call. */
  readonly beforeExecute?: () => Promise<void>
  readonly onProgress?: () => void
  readonly authorize?: ToolContext['authorize']
}

/** Makes a call as the dispatch does: validate, effects, execute with what the effects resolved. */
export async function call(
  tool: Tool,
  args: Json,
  workspace: Workspace,
  options: CallOptions = {},
): Promise<Outcome> {
  const run = recording(workspace)
  try {
    const checked = await tool.validate(args)
    if ('issues' in checked) throw new HarnextError(checked.issues.join('; '), { code: 'invalid' })
    run.effects = await tool.effects(checked.value, contextOf(run, options, []))
    await options.beforeExecute?.()
    const result = await tool.execute(checked.value, contextOf(run, options, run.effects))
    return { ...run, ...outcomeOf(result) }
  } catch (error) {
    if (!HarnextError.is(error)) throw error
    return {
      ...run,
      isError: true,
      text: error.message,
      content: [],
      changes: [],
      code: error.code,
    }
  }
}

/** What `recovery` makes of a call that was begun. */
export async function recover(
  tool: Tool,
  args: Json,
  workspace: Workspace,
): Promise<'rerun' | 'report' | Omit<Outcome, 'effects' | 'progress' | 'events'>> {
  if (typeof tool.recovery === 'string') return tool.recovery
  const run = recording(workspace)
  const effects = await tool.effects(args, contextOf(run, {}, []))
  const settled = await tool.recovery(args, contextOf(run, {}, effects))
  return settled === 'rerun' ? settled : outcomeOf(settled)
}

interface Recording {
  readonly workspace: Workspace
  effects: readonly Effect[]
  readonly progress: Json[]
  readonly events: RunEvent[]
}

function recording(workspace: Workspace): Recording {
  return { workspace, effects: [], progress: [], events: [] }
}

function contextOf(run: Recording, options: CallOptions, effects: readonly Effect[]): ToolContext {
  return {
    signal: options.signal ?? new AbortController().signal,
    workspace: run.workspace,
    callId: 'call_1',
    sessionId: testSession,
    agentPath: [],
    idempotencyKey: `${testSession}/1/call_1`,
    effects,
    authorize: options.authorize ?? (async () => {}),
    progress: (update) => {
      run.progress.push(update)
      options.onProgress?.()
    },
    emit: async (event) => void run.events.push(event),
  }
}

function outcomeOf(
  result: unknown,
): Pick<Outcome, 'isError' | 'text' | 'content' | 'changes' | 'changesComplete'> {
  if (!isResult(result)) throw new Error('the tool gave no ToolResult')
  const { output, isError, content = [], changes = [], changesComplete } = result
  const whole = typeof output === 'string' ? output : JSON.stringify(output)
  const text = content.length ? textOf(content) : whole
  return { isError, text, content, changes, ...(changesComplete && { changesComplete }) }
}

function isResult(value: unknown): value is ToolResult {
  return typeof value === 'object' && value !== null && 'output' in value && 'isError' in value
}

/** The workspace, but with some of its parts replaced. */
export function withParts(workspace: Workspace, parts: Partial<Workspace>): Workspace {
  return { ...workspace, ...parts }
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: it was arranged so`), { code })
}
