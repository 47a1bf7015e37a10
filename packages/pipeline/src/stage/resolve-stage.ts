import type { SandboxSettings } from '@harnext/core'
import { packageRegistries } from './package-registries.ts'
import { promptOf, fixPrompt } from './prompts.ts'
import type { Stage, StageEntry, StageSandbox, StageSettings } from './stage.ts'

/** What holds for every stage that does not say otherwise. */
export interface StageDefaults {
  readonly provider: string
  readonly model?: string
  readonly sandbox: StageSandbox
}

/** Providers that run on machines of one's own: they ask for no key and have no price. */
const keyless: ReadonlySet<string> = new Set(['ollama', 'llamacpp', 'vllm'])
const DEFAULT_BUDGET_USD = 5

/** The stage with its defaults. The settings have been checked. */
export function resolveStage({ id, settings }: StageEntry, defaults: StageDefaults): Stage {
  const provider = settings.provider ?? defaults.provider
  const model = settings.model ?? (provider === defaults.provider ? defaults.model : undefined)
  const variable = keyVariable(provider)
  const secret = settings.secret ?? (keyless.has(provider) ? null : variable)
  const maxCostUsd = costLimit(settings, provider)
  return {
    id,
    kind: settings.kind ?? (id === 'review' ? 'review' : 'task'),
    prompt: settings.prompt ?? promptOf(id),
    provider,
    ...(model !== undefined && { model }),
    permissionMode: settings.permissionMode ?? (id === 'implement' ? 'auto' : 'plan'),
    allow: settings.allow ?? [],
    deny: settings.deny ?? [],
    maxTurns: settings.maxTurns ?? (id === 'implement' ? 100 : 40),
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    approval: settings.approval ?? false,
    maxIterations: settings.maxIterations ?? 3,
    fixPrompt: settings.fixPrompt ?? fixPrompt,
    timeoutMinutes: settings.timeoutMinutes ?? 60,
    sandbox: sandboxOf(settings.sandbox ?? defaults.sandbox),
    ...(settings.secret !== null && secret !== null && { key: { variable, secret } }),
  }
}

function sandboxOf(sandbox: StageSandbox): Required<SandboxSettings> {
  const settings = typeof sandbox === 'string' ? { mode: sandbox } : sandbox
  return { network: { allow: packageRegistries }, ...settings }
}

function keyVariable(provider: string): string {
  return `${provider.toUpperCase().replaceAll('-', '_')}_API_KEY`
}

function costLimit({ budget }: StageSettings, provider: string): number | undefined {
  if (budget === null) return undefined
  if (budget) return budget.maxCostUsd
  return keyless.has(provider) ? undefined : DEFAULT_BUDGET_USD
}
