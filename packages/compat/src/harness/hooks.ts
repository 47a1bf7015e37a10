import {
  messageOf,
  textOf,
  type Hooks,
  type Json,
  type ToolHookCall,
  type Workspace,
} from '@harnext/core'
import { toHarnessArgs, toHarnessName } from './message.ts'

export type HookEvent =
  | 'pre_tool_use'
  | 'post_tool_use'
  | 'session_start'
  | 'session_end'
  | 'user_prompt'
  | 'agent_stop'
  | 'compaction'

/**
 * A shell command for an event. It gets what happened as JSON on its standard input; in the command, `{tool_name}`, `{session_id}`,
 * `{cwd}`, `{event}`, `{file_path}`, `{command}`, `{pattern}` and `{result}` stand for their values, quoted for the shell.
 *
 * A `pre_tool_use` that ends with 2 denies the call: what it wrote on standard error is told to the model. A `user_prompt` that does ends
 * the run before anything is sent. One that cannot be run or takes too long denies too. Other events and exit codes change nothing. In
 * the mode `plan` no hook runs.
 */
export interface Hook {
  readonly event: HookEvent
  readonly command: string
  /** The names of tools, with `*`. @default all */
  readonly matcher?: string
  /** Seconds. @default 30 */
  readonly timeout?: number
}

export interface HookFacts {
  readonly sessionId: string
  readonly tool?: string
  readonly args?: Json
  readonly result?: string
  readonly prompt?: string
}

/** Runs the hooks of one run. */
export class HookRunner {
  readonly #hooks: readonly Hook[]
  readonly #workspace: Workspace
  readonly #signal: AbortSignal

  constructor(hooks: readonly Hook[], workspace: Workspace, signal: AbortSignal) {
    this.#hooks = hooks
    this.#workspace = workspace
    this.#signal = signal
  }

  /** One after the other. Gives what the first one said that denies, where the event can be denied. */
  async emit(event: HookEvent, facts: HookFacts): Promise<string | undefined> {
    for (const hook of this.#hooks) {
      if (hook.event !== event || !matches(hook.matcher, facts.tool)) continue
      const denial = await this.#run(hook, facts)
      if (denial !== undefined && deniable.has(event)) return denial
    }
    return undefined
  }

  /** As core takes them, for the run of this session. */
  toHooks(sessionId: string): Hooks {
    const facts = ({ tool, args }: ToolHookCall): HookFacts => ({
      sessionId,
      tool: toHarnessName(tool),
      args: toHarnessArgs(tool, args),
    })
    return {
      beforeRun: async ({ input }) => {
        await this.emit('session_start', { sessionId })
        const prompt = input.flatMap((message) => textOf(message.content)).join('\n')
        return denied(await this.emit('user_prompt', { sessionId, prompt }))
      },
      beforeTool: async (call) => denied(await this.emit('pre_tool_use', facts(call))),
      afterTool: async (call, { output }) => {
        const result = typeof output === 'string' ? output : JSON.stringify(output)
        await this.emit('post_tool_use', { ...facts(call), result })
      },
      afterRun: async ({ text: result }) => {
        await this.emit('agent_stop', { sessionId, result })
        await this.emit('session_end', { sessionId })
      },
    }
  }

  async #run(hook: Hook, facts: HookFacts): Promise<string | undefined> {
    const { event, command, timeout = 30 } = hook
    const [cwd = ''] = this.#workspace.roots
    const input = { event, cwd, ...facts }
    const late = AbortSignal.timeout(timeout * 1000)
    let said = ''
    const decoder = new TextDecoder()
    try {
      const { code } = await this.#workspace.spawn(
        {
          program: '/bin/sh',
          args: ['-c', filled(command, input)],
          input: `${JSON.stringify(input)}\n`,
        },
        {
          signal: AbortSignal.any([this.#signal, late]),
          onOutput(chunk, stream) {
            if (stream === 'stderr') said += decoder.decode(chunk, { stream: true })
          },
        },
      )
      if (code === 2) return said.trim() || `The hook of ${event} denied the call.`
      return late.aborted ? `The hook of ${event} took longer than ${timeout} s.` : undefined
    } catch (error) {
      return `The hook of ${event} could not be run: ${messageOf(error)}`
    }
  }
}

const deniable: ReadonlySet<HookEvent> = new Set(['pre_tool_use', 'user_prompt'])

function denied(deny: string | undefined): { readonly deny: string } | undefined {
  return deny === undefined ? undefined : { deny }
}

function matches(pattern: string | undefined, tool: string | undefined): boolean {
  if (pattern === undefined || tool === undefined) return true
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${source}$`, 'i').test(tool)
}

function filled(command: string, facts: HookFacts & { event: HookEvent; cwd: string }): string {
  const { event, cwd, sessionId, tool = '', args = {}, result = '' } = facts
  const argument = (name: string): string => {
    const value = (args as { readonly [name: string]: unknown })[name]
    return typeof value === 'string' ? value : ''
  }
  const values: { readonly [name: string]: string } = {
    event,
    cwd,
    result,
    session_id: sessionId,
    tool_name: tool,
    file_path: argument('file_path'),
    command: argument('command'),
    pattern: argument('pattern'),
  }
  return command.replaceAll(/\{(\w+)\}/g, (found, name: string) => {
    const value = values[name]
    return value === undefined ? found : `'${value.replaceAll("'", `'\\''`)}'`
  })
}
