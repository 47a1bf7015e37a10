import {
  Agent,
  ConfigError,
  nearest,
  normaliseMode,
  parseRules,
  type AgentOptions,
  type OnPermission,
  type PermissionMode,
  type PermissionRule,
  type PriceOf,
  type ProviderAdapter,
  type SessionStore,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { builtinTools } from '@harnext/tools'
import type { RunSettings } from './arguments.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'

export interface Surroundings {
  readonly io: Io
  readonly store: SessionStore
  /** The working directory. */
  readonly cwd: string
  /** The model of the session that is gone on with, as `provider/model`. */
  readonly sessionModel?: string
  /** Asks whoever sits there; absent where nobody does. */
  readonly onPermission?: OnPermission
}

export interface MadeAgent {
  readonly agent: Agent
  readonly mode: PermissionMode
}

/** The agent that the settings describe. Throws `UsageError` or `ConfigError`. */
export async function makeAgent(settings: RunSettings, around: Surroundings): Promise<MadeAgent> {
  const { io, store, cwd, sessionModel, onPermission } = around
  const mode = normaliseMode(settings.permissionMode ?? (onPermission ? 'manual' : 'auto'))
  const rules = rulesOf(settings)
  const { adapter, model, price } = await chooseModel(settings.model ?? sessionModel, io.env)
  if (settings.maxCostUsd !== undefined && !price(adapter.id, model))
    throw new UsageError(
      `No price is known for ${adapter.id}/${model}, so --max-cost cannot be kept. Choose another model, or limit the turns with --max-turns.`,
    )
  const options: AgentOptions = {
    name: `harnext (process ${io.pid})`,
    adapter,
    model,
    price,
    store,
    workspace: localWorkspace({ roots: [cwd], home: io.home }),
    tools: builtinTools,
    permissionMode: mode,
    rules,
    ...(onPermission && { onPermission }),
    ...(settings.maxTurns !== undefined && { maxTurns: settings.maxTurns }),
    ...(settings.maxCostUsd !== undefined && { budget: { maxCostUsd: settings.maxCostUsd } }),
    ...(settings.systemPrompt !== undefined && { systemPrompt: settings.systemPrompt }),
    ...(settings.appendSystemPrompt !== undefined && {
      appendSystemPrompt: settings.appendSystemPrompt,
    }),
  }
  return { agent: new Agent(options), mode }
}

function rulesOf({ allow, deny }: RunSettings): readonly PermissionRule[] {
  const allowed = parseRules(allow, 'allow')
  const denied = parseRules(deny, 'deny')
  const problems = [
    ...allowed.errors.map((error) => `--allow: ${error}`),
    ...denied.errors.map((error) => `--deny: ${error}`),
  ]
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return [...denied.rules, ...allowed.rules]
}

interface Chosen {
  readonly adapter: ProviderAdapter
  readonly model: string
  readonly price: PriceOf
}
type Connect = (model: string | undefined, env: Io['env']) => Promise<Chosen>

/** Providers load when they are chosen. */
const providers: { readonly [id: string]: Connect } = {
  anthropic: connectAnthropic,
  demo: connectDemo,
}

/** `provider/model`; a name without a provider is a model of Anthropic. */
function chooseModel(name: string | undefined, env: Io['env']): Promise<Chosen> {
  if (name === undefined) return connectAnthropic(undefined, env)
  const slash = name.indexOf('/')
  const provider = slash < 0 ? 'anthropic' : name.slice(0, slash)
  const model = name.slice(slash + 1)
  const connect = Object.hasOwn(providers, provider) ? providers[provider] : undefined
  if (!connect) {
    const ids = Object.keys(providers).filter((id) => id !== 'demo')
    const near = nearest(provider, ids)
    const hint = near === undefined ? `Providers are ${ids.join(', ')}.` : `Did you mean ${near}?`
    throw new UsageError(`There is no provider ${JSON.stringify(provider)}. ${hint}`)
  }
  if (model === '')
    throw new UsageError(`--model must be provider/model; got ${JSON.stringify(name)}.`)
  return connect(model, env)
}

async function connectAnthropic(name: string | undefined, env: Io['env']): Promise<Chosen> {
  const { anthropic, anthropicPrice, defaultModel } = await import('@harnext/provider-anthropic')
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseURL } = env
  if (!apiKey?.trim())
    throw new ConfigError(
      'There is no key for Anthropic. Set the environment variable ANTHROPIC_API_KEY; keys are made at https://console.anthropic.com.',
    )
  return {
    adapter: anthropic({ apiKey: apiKey.trim(), ...(baseURL && { baseURL }) }),
    model: name ?? defaultModel,
    price: (provider, model) => (provider === 'anthropic' ? anthropicPrice(model) : null),
  }
}

/** The script of `harnext demo`: what it would have cost is reckoned with the default model's price. */
async function connectDemo(model: string | undefined): Promise<Chosen> {
  const { demoAdapter, demoModelId } = await import('./demo/demo-model.ts')
  const { anthropicPrice, defaultModel } = await import('@harnext/provider-anthropic')
  return {
    adapter: demoAdapter(),
    model: model ?? demoModelId,
    price: () => anthropicPrice(defaultModel),
  }
}
