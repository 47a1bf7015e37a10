import {
  Agent,
  HarnextError,
  handleHook,
  handleTools,
  type Message,
  type ProviderAdapter,
  type Reminder,
  type Run,
  type SessionCache,
  type Tool,
} from '@harnext/core'
import {
  createContentBlocksProjector,
  type ContentBlockEvent,
} from '@harnext/protocols/content-blocks'
import { createRunFile, RunLog } from './run-log.ts'
import { toRunResult, type RunResult } from './run-result.ts'
import { toTool, type CodeGate, type ToolAnnotations, type ToolSpec } from './tool-spec.ts'

export interface HarnessOptions extends CodeGate {
  readonly adapter: ProviderAdapter
  readonly model: string
  /** The system prompt; harnext adds the date behind it. It stays the same, byte by byte, in all turns of a run. */
  readonly system: string
  readonly tools?: readonly (ToolSpec | Tool)[]
  /** Of one run. @default 25 */
  readonly maxTurns?: number
  /** Where each run writes its file; made when the first run begins. @default './runs' */
  readonly runDir?: string
  /** Tokens of one answer. */
  readonly maxTokens?: number
  /** Keeps results that are too large for the conversation, which then holds a handle and a snapshot. @default none */
  readonly cache?: SessionCache
}

export interface CallOptions {
  /** In the result, in place of one that is made up. */
  readonly runId?: string
  readonly sessionId?: string
  readonly signal?: AbortSignal
}

type Stream = AsyncGenerator<ContentBlockEvent, RunResult, undefined>

/**
 * A loop of turns with tools, and a file in which each of them is a line. `run…` begins a conversation, `ask…` goes on with it; of each
 * there is one that gives the text and throws, one that gives a `RunResult`, and one that streams. One call at a time.
 *
 * @example
 * const harness = new Harness({ adapter, model, system: 'You analyse sales.', tools: [query] })
 * console.log(await harness.run('Which region grew?'), await harness.ask('And why?'))
 */
export class Harness {
  readonly #options: HarnessOptions
  readonly #agent: Agent
  #history: readonly Message[] = []
  #log: RunLog | undefined
  #runFile: string | null = null
  #sessionId: string | undefined
  #isBusy = false

  /** Throws `ConfigError`, as for a `maxTurns` below 1. */
  constructor(options: HarnessOptions) {
    const { adapter, model, system, maxTurns = 25, maxTokens, cache } = options
    this.#options = options
    this.#agent = new Agent({
      name: 'data-harness',
      adapter,
      model,
      systemPrompt: system,
      instructions: false,
      // A handler is the program's own code; what it may do, the program decides.
      permissionMode: 'bypass',
      maxTurns,
      ...(cache && { hooks: handleHook(cache) }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    })
    this.#tools()
  }

  /** Where the last run is written; `null` before the first one. */
  get runFile(): string | null {
    return this.#runFile
  }

  /** Said in each run from now on. What it returns takes it away again. */
  registerReminder(reminder: Reminder): () => void {
    return this.#agent.registerReminder(reminder)
  }

  /** The text of the answer. Throws `MaxTurnsExceeded`, or the error of the run. */
  async run(message: string, options: CallOptions = {}): Promise<string> {
    return textOf(await this.runResult(message, options))
  }

  /** The same, in the conversation so far. */
  async ask(message: string, options: CallOptions = {}): Promise<string> {
    return textOf(await this.askResult(message, options))
  }

  /** Throws for no outcome of the run. */
  runResult(message: string, options: CallOptions = {}): Promise<RunResult> {
    return lastOf(this.runStream(message, options))
  }

  askResult(message: string, options: CallOptions = {}): Promise<RunResult> {
    return lastOf(this.askStream(message, options))
  }

  /** The events of the run; the generator returns its result. Leaving the loop cancels the run. */
  runStream(message: string, options: CallOptions = {}): Stream {
    return this.#stream(message, options, true)
  }

  askStream(message: string, options: CallOptions = {}): Stream {
    return this.#stream(message, options, false)
  }

  /** Cancels what is under way. */
  async close(): Promise<void> {
    await this.#agent.close()
  }

  async *#stream(message: string, options: CallOptions, isNew: boolean): Stream {
    if (this.#isBusy)
      throw new HarnextError('This harness is in a run: wait for its end, or make another one.', {
        code: 'usage',
      })
    this.#isBusy = true
    try {
      const { log, path } = await this.#begin(isNew)
      const run = this.#start(message, options)
      try {
        const stopReason = yield* project(run, log)
        const result = await run.result
        const runId = options.runId ?? result.runId
        return toRunResult(result, { runFile: path, stopReason, runId }, this.#options.cache)
      } finally {
        this.#history = (await run.result).messages
      }
    } finally {
      this.#isBusy = false
    }
  }

  /** A conversation has a file of its own. */
  async #begin(isNew: boolean): Promise<{ readonly log: RunLog; readonly path: string }> {
    if (isNew) {
      this.#history = []
      this.#sessionId = undefined
    }
    if (!isNew && this.#log && this.#runFile !== null)
      return { log: this.#log, path: this.#runFile }
    const path = await createRunFile(this.#options.runDir ?? './runs', new Date())
    const clock = (): number => performance.now()
    const log = new RunLog({ path, annotations: this.#annotations(), clock, now: () => new Date() })
    this.#runFile = path
    this.#log = log
    return { log, path }
  }

  #start(message: string, { sessionId = this.#sessionId, signal }: CallOptions): Run {
    const run = this.#agent.run(this.#history, message, {
      tools: this.#tools(),
      ...(sessionId !== undefined && { session: sessionId }),
      ...(signal && { signal }),
    })
    this.#sessionId = run.sessionId
    return run
  }

  #tools(): readonly Tool[] {
    const { tools = [], cache } = this.#options
    const given = tools.map((each) => ('handler' in each ? toTool(each, this.#options) : each))
    return cache ? [...given, ...handleTools(cache)] : given
  }

  #annotations(): { readonly [tool: string]: ToolAnnotations } {
    const { tools = [] } = this.#options
    return Object.fromEntries(
      tools.flatMap((each) =>
        'annotations' in each && each.annotations ? [[each.name, each.annotations]] : [],
      ),
    )
  }
}

/** Yields the run's events as they are written; gives the stop reason of the last answer. */
async function* project(
  run: Run,
  log: RunLog,
): AsyncGenerator<ContentBlockEvent, string | null, undefined> {
  const projector = createContentBlocksProjector()
  let stopReason: string | null = null
  for await (const event of run) {
    const blocks = projector.push(event)
    for (const block of blocks) if (block.type === 'message_delta') stopReason = block.stop_reason
    await log.take(event, stopReason)
    yield* blocks
  }
  return stopReason
}

async function lastOf(stream: Stream): Promise<RunResult> {
  for (;;) {
    const { done, value } = await stream.next()
    if (done) return value
  }
}

function textOf({ text, error }: RunResult): string {
  if (error) throw error
  return text
}
