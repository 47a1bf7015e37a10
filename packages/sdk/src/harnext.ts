import {
  Agent,
  ConfigError,
  checkSignal,
  type JsonSchema,
  type Message,
  type ResumeOptions,
  type Run,
  type RunResult,
  type SessionCompaction,
  type StandardSchema,
  type UserPart,
} from '@harnext/core'
import { skillCommand, type Skill } from '@harnext/tools/skills'
import type { CancelToken } from './cancel-token.ts'
import { McpPool, type McpSet } from './mcp.ts'
import type { HarnextOptions, HarnextRunOptions, Input } from './options.ts'
import { resolveMcp, resolveSettings } from './settings.ts'

/** The options of a call that asks for a value of a type. */
type Typed<T> = HarnextRunOptions & { readonly outputSchema: StandardSchema<T> }
type Untyped = HarnextRunOptions & { readonly outputSchema: JsonSchema }

/**
 * A client: an agent with the built-in tools, sessions on disk, and the provider whose key it finds. Its options can be overridden with
 * every call.
 *
 * @example
 * const agent = new Harnext({ permissionMode: 'plan' })
 * const { text, usage } = await agent.run('What does this project do?')
 */
export class Harnext {
  #options: HarnextOptions
  readonly #agents = new Set<Agent>()
  readonly #pool = new McpPool()

  /** Throws `ConfigError` when an option, a settings file or the environment makes no sense. */
  constructor(options: HarnextOptions = {}) {
    resolveSettings(options)
    this.#options = options
  }

  /**
   * Runs to the end. Throws the typed error of an outcome that is one (authentication, rate limit, provider, turn limit, budget), with the
   * `RunResult` as its `result`; a run that was cancelled or paused returns. With `strict` it throws the first failed or denied call.
   */
  run<T>(input: Input, overrides: Typed<T>): Promise<RunResult<T>>
  run(input: Input, overrides: Untyped): Promise<RunResult<unknown>>
  run(input: Input, overrides?: HarnextRunOptions): Promise<RunResult>
  async run(input: Input, overrides: HarnextRunOptions = {}): Promise<RunResult<unknown>> {
    const result = await this.#start(input, overrides).result
    const failed =
      (overrides.strict ?? this.#options.strict)
        ? result.steps.find(({ error }) => error)?.error
        : undefined
    const error = result.error ?? failed
    if (error && !result.cancelled && result.stopReason !== 'paused')
      throw withResult(error, result)
    return result
  }

  /** The events of a run, and its result. Throws for no outcome. Leaving the loop (`break`) cancels the run. */
  stream<T>(input: Input, overrides: Typed<T>): Run<T>
  stream(input: Input, overrides: Untyped): Run<unknown>
  stream(input: Input, overrides?: HarnextRunOptions): Run
  stream(input: Input, overrides: HarnextRunOptions = {}): Run<unknown> {
    return this.#start(input, overrides)
  }

  /** Runs to the end and throws for no outcome; what makes no sense in the options still throws. */
  runResult<T>(input: Input, overrides: Typed<T>): Promise<RunResult<T>>
  runResult(input: Input, overrides: Untyped): Promise<RunResult<unknown>>
  runResult(input: Input, overrides?: HarnextRunOptions): Promise<RunResult>
  async runResult(input: Input, overrides: HarnextRunOptions = {}): Promise<RunResult<unknown>> {
    return this.#start(input, overrides).result
  }

  /** Goes on with a run that a crash or a pause left open. */
  resume(
    sessionId: string,
    overrides: HarnextRunOptions & Pick<ResumeOptions, 'decisions'> = {},
  ): Run {
    const { decisions, ...rest } = overrides
    return this.#drive(rest, (agent, options) =>
      agent.resume(sessionId, { ...options, ...(decisions && { decisions }) }),
    )
  }

  /**
   * Shortens a session without a run. Resolves to what was done, `null` where nothing can be left out. Throws as `Agent.compact`.
   */
  async compact(
    sessionId: string,
    overrides: HarnextRunOptions & { readonly focus?: string } = {},
  ): Promise<SessionCompaction | null> {
    const { focus, signal, cancel, ...rest } = overrides
    const agent = new Agent(resolveSettings({ ...this.#options, ...rest }).agent)
    this.#agents.add(agent)
    try {
      return await agent.compact(sessionId, {
        ...either(signal, cancel),
        ...(focus !== undefined && { focus }),
      })
    } finally {
      this.#agents.delete(agent)
    }
  }

  /** A client with these options changed; this one stays as it is. */
  with(options: HarnextOptions): Harnext {
    return new Harnext({ ...this.#options, ...options })
  }

  /** What the model can be told to do by `/name`, and loads by itself. */
  get skills(): SkillSet {
    return {
      list: () => resolveSettings(this.#options).skills,
      add: (folder) => {
        const { skills } = this.#options
        const options = { ...this.#options, skills: [...(skills || []), folder] }
        const before = resolveSettings(this.#options).agent.notices ?? []
        const problem = (resolveSettings(options).agent.notices ?? []).find(
          (notice) => !before.includes(notice),
        )
        if (problem !== undefined) throw new ConfigError(problem)
        this.#options = options
      },
    }
  }

  /** The MCP servers of the client. */
  get mcp(): McpSet {
    return this.#pool.of(resolveMcp(this.#options).mcp)
  }

  /** Cancels the runs that are under way and waits for their end; then ends the MCP servers. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#agents, (agent) => agent.close()))
    await this.#pool.close()
  }

  #start(input: Input, overrides: HarnextRunOptions): Run<unknown> {
    const { images = [], files = [] } = overrides
    const parts = [...images, ...files]
    const session = overrides.session ?? this.#options.session
    const id = typeof session === 'object' ? session.id : session
    return this.#drive(overrides, (agent, options, skills) => {
      const command = typeof input === 'string' ? skillCommand(input, skills) : undefined
      return agent.run([], withParts(command?.text ?? input, parts), {
        ...options,
        ...(id !== undefined && { session: id }),
      })
    })
  }

  #drive(
    overrides: HarnextRunOptions,
    begin: (
      agent: Agent,
      options: { readonly signal?: AbortSignal },
      skills: readonly Skill[],
    ) => Run,
  ): Run {
    const { signal, cancel, ...rest } = overrides
    const { agent: settings, skills, mcp } = resolveSettings({ ...this.#options, ...rest })
    const isOwn = overrides.mcpServers !== undefined || overrides.onElicitation !== undefined
    const servers = mcp ? [this.#pool.source(mcp, isOwn)] : []
    const agent = new Agent({
      ...settings,
      toolSources: [...(settings.toolSources ?? []), ...servers],
    })
    const run = begin(agent, either(signal, cancel), skills)
    this.#agents.add(agent)
    void run.result.then(() => this.#agents.delete(agent))
    return run
  }
}

/** Both can end it. Throws `ConfigError` for a signal that is none. */
function either(
  signal: AbortSignal | undefined,
  cancel: CancelToken | undefined,
): { readonly signal?: AbortSignal } {
  checkSignal(signal)
  const signals = [signal, cancel?.signal].filter((given) => given !== undefined)
  return signals.length ? { signal: AbortSignal.any(signals) } : {}
}

/** The skills of a client. */
export interface SkillSet {
  /** Sorted by name. Reads the folders anew. */
  list(): readonly Skill[]
  /** A folder that is a skill or holds some, for the runs from now on. Throws `ConfigError` when it is neither. */
  add(folder: string): void
}

/** Images and files go with the text, or with the last user message. */
function withParts(input: Input, parts: readonly UserPart[]): Input {
  if (!parts.length) return input
  if (typeof input === 'string')
    return [
      {
        role: 'user',
        content: [...(input ? [{ type: 'text', text: input } as const] : []), ...parts],
      },
    ]
  const last = input.at(-1)
  if (last?.role === 'user')
    return [...input.slice(0, -1), { ...last, content: [...last.content, ...parts] }]
  return [...input, { role: 'user', content: parts }] satisfies readonly Message[]
}

/** The error knows what had come of the run. */
function withResult<E extends Error>(error: E, result: RunResult<unknown>): E {
  return Object.defineProperty(error, 'result', {
    value: result,
    configurable: true,
    enumerable: false,
  })
}
