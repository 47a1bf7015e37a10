import {
  ConfigError,
  newSessionId,
  type Awaitable,
  type BudgetOptions,
  type Json,
  type OnPermission,
  type PermissionConfig,
  type PermissionModeName,
  type ProviderAdapter,
  type Tool,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { project } from '@harnext/protocols'
import { createMessagesProjector } from '@harnext/protocols/messages'
import { Harnext, type HarnextOptions } from '@harnext/sdk'
import { shellHooks } from '@harnext/sdk/hooks'
import { filled, toSettings, type Hook } from './hooks.ts'
import { toHarnessArgs, toHarnessName, toMessage, type Message } from './message.ts'
import type { SteeringChannel } from './steering-channel.ts'

/** Asked for what the mode does not decide. Whatever throws has denied. */
export type ApprovalCallback =
  | ((tool: string, args: Json, description: string) => Awaitable<boolean>)
  | { requestApproval(tool: string, args: Json, description: string): Awaitable<boolean> }

export interface RunConfig {
  /** @default the provider of `model`, else `anthropic` */
  readonly provider?: string | ProviderAdapter
  readonly model?: string
  /** Names (`Read`, `Bash` …), and tools made with `tool()`. @default all built-in tools */
  readonly tools?: readonly (string | Tool)[]
  readonly mcpServers?: NonNullable<HarnextOptions['mcpServers']>
  /** @default 'default': reading is free, the rest is asked for */
  readonly permissionMode?: PermissionModeName
  /** Deny and allow rules with patterns of arguments. */
  readonly permissionRules?: PermissionConfig
  /** A session that is there goes on, another id begins one. */
  readonly sessionId?: string
  /** @default 100 */
  readonly maxTurns?: number
  /** Of one answer. @default 16,384 */
  readonly maxTokens?: number
  /** @default the process's */
  readonly cwd?: string
  readonly apiKey?: string
  readonly baseUrl?: string
  readonly systemPrompt?: string
  /** Agents that the model may give tasks to, beside those that are built in: made in code, or folders of them. */
  readonly agents?: NonNullable<HarnextOptions['agents']>
  readonly hooks?: readonly Hook[]
  /** Somebody is there to answer: `approvalCallback` must be given. @default false */
  readonly interactive?: boolean
  readonly approvalCallback?: ApprovalCallback
  readonly steering?: SteeringChannel
  /** `process`: what is executed runs in the operating system's sandbox, or the run fails. @default 'none' */
  readonly sandboxMode?: 'none' | 'process'
  readonly signal?: AbortSignal
  readonly budget?: BudgetOptions
  /** Where sessions and settings are, and prices where the catalog knows none. */
  readonly home?: string
  readonly env?: NonNullable<HarnextOptions['env']>
  readonly price?: NonNullable<HarnextOptions['price']>
}

/**
 * Runs a task and yields what happens as Harness' messages; `Result` is last. Throws `ConfigError` at its first step for an option that
 * makes no sense; what goes wrong later is a `system_event` of the type `error`, and the stop reason of the result. Leaving the loop
 * cancels the run.
 *
 * @example
 * for await (const message of run('Fix the bug in auth.ts', { provider: 'anthropic' }))
 *   if (isTextMessage(message) && message.isPartial) process.stdout.write(message.text)
 */
export async function* run(
  prompt: string,
  config: RunConfig = {},
): AsyncGenerator<Message, void, undefined> {
  const { steering } = config
  const { session, signal, agent, abort } = prepare(config)
  const live = agent.stream(prompt, { signal, session })
  try {
    steering?.open(live.steer)
    for await (const message of project(live, createMessagesProjector())) yield toMessage(message)
  } finally {
    steering?.close()
    abort()
    await live.result
  }
}

interface Prepared {
  readonly session: string
  readonly signal: AbortSignal
  readonly agent: Harnext
  abort(): void
}

function prepare(config: RunConfig): Prepared {
  const { hooks = [], permissionMode = 'default' } = config
  if (config.interactive && !config.approvalCallback)
    throw new ConfigError('interactive: true needs the option approvalCallback, which answers.')
  const aborter = new AbortController()
  const signal = AbortSignal.any([aborter.signal, ...(config.signal ? [config.signal] : [])])
  const session = config.sessionId ?? newSessionId()
  const workspace = localWorkspace({ roots: [config.cwd ?? '.'] })
  const agent = new Harnext({
    ...toOptions(config, permissionMode),
    hooks: shellHooks(toSettings(hooks), {
      workspace,
      permissionMode,
      ...(config.env && { env: config.env }),
      fill: filled,
    }),
  })
  return { session, signal, agent, abort: () => aborter.abort() }
}

function toOptions(config: RunConfig, permissionMode: PermissionModeName): HarnextOptions {
  const { model, provider = model === undefined ? 'anthropic' : undefined } = config
  const { permissionRules, approvalCallback, sandboxMode = 'none' } = config
  const options = {
    provider,
    model,
    permissionMode,
    tools: config.tools,
    mcpServers: config.mcpServers,
    agents: config.agents,
    rules: permissionRules?.rules,
    maxTurns: config.maxTurns ?? 100,
    maxOutputTokens: config.maxTokens ?? 16_384,
    cwd: config.cwd,
    apiKey: config.apiKey,
    baseUrl: config.baseUrl,
    systemPrompt: config.systemPrompt,
    sandbox: sandboxMode === 'process' ? ('required' as const) : undefined,
    onPermission: approvalCallback && toOnPermission(approvalCallback),
    budget: config.budget,
    home: config.home,
    env: config.env,
    price: config.price,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function toOnPermission(callback: ApprovalCallback): OnPermission {
  return ({ tool, args, reason }) => {
    const asked = [toHarnessName(tool), toHarnessArgs(tool, args), reason] as const
    return typeof callback === 'function' ? callback(...asked) : callback.requestApproval(...asked)
  }
}
