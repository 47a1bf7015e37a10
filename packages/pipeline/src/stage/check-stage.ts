import { ConfigError, nearest, normaliseMode, parseRules } from '@harnext/core'
import type { StageEntry, StageSandbox, StageSettings } from './stage.ts'

const names: readonly (keyof StageSettings)[] = [
  'kind',
  'prompt',
  'provider',
  'model',
  'permissionMode',
  'allow',
  'deny',
  'maxTurns',
  'budget',
  'approval',
  'maxIterations',
  'fixPrompt',
  'timeoutMinutes',
  'secret',
  'sandbox',
]

/** Ids that name other files or labels of the pipeline. */
const reserved = /^(?:tagger|needs-judgement|awaiting-approval|.*-iter-\d+)$/

/** Throws `ConfigError` that names the stage, the setting, what is expected and what was found. */
export function checkId(id: string): void {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || id.length > 30)
    throw new ConfigError(
      `A stage's id must be lower-case words joined by "-", at most 30 characters, as "implement"; got ${JSON.stringify(id)}.`,
    )
  if (reserved.test(id)) throw new ConfigError(`The id "${id}" is taken by the pipeline itself.`)
}

/** The same settings, with the canonical name of the mode. Throws `ConfigError`. */
export function checkSettings(id: string, settings: StageSettings): StageSettings {
  const where = `Stage "${id}"`
  for (const name of Object.keys(settings))
    if (!(names as readonly string[]).includes(name)) {
      const near = nearest(name, names)
      throw new ConfigError(
        `${where} has no setting "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      )
    }
  const { kind, permissionMode, prompt, fixPrompt, provider, model, secret } = settings
  if (kind !== undefined && kind !== 'task' && kind !== 'review')
    throw wrong(where, 'kind', 'task or review', kind)
  for (const [name, text] of Object.entries({ prompt, fixPrompt }))
    if (text !== undefined && (text.trim() === '' || text.length > 20_000))
      throw wrong(where, name, 'a text of at most 20,000 characters', text.slice(0, 40))
  if (provider !== undefined) checkName(where, 'provider', provider)
  if (model !== undefined) checkName(where, 'model', model)
  if (typeof secret === 'string') checkSecret(where, secret)
  if (settings.sandbox !== undefined) checkSandbox(where, settings.sandbox)
  checkNumbers(where, settings)
  checkRules(where, settings)
  if (permissionMode === undefined) return settings
  return { ...settings, permissionMode: normaliseMode(permissionMode) }
}

/** What is put into a file as it is, or becomes the name of a variable. Throws `ConfigError`. */
export function checkName(where: string, name: string, value: string): void {
  if (!/^[\w./:@-]{1,100}$/.test(value)) throw wrong(where, name, 'a name without spaces', value)
}

/** Throws `ConfigError`. What a domain is, the sandbox says when a stage runs. */
export function checkSandbox(where: string, sandbox: StageSandbox): void {
  const { mode, network } = typeof sandbox === 'string' ? { mode: sandbox } : sandbox
  if (!['off', 'auto', 'required'].includes(mode))
    throw wrong(where, 'sandbox', 'off, auto or required', mode)
  if (typeof network !== 'object') return
  for (const domain of network.allow)
    if (!/^(?:\*\.)?[\w.:-]{1,100}$/.test(domain))
      throw wrong(where, 'sandbox.network', 'hosts, as registry.npmjs.org', domain)
}

function checkSecret(where: string, value: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value) || /^github_/i.test(value))
    throw wrong(
      where,
      'secret',
      'the name of a secret, as ANTHROPIC_API_KEY, not the key itself',
      '…',
    )
}

function checkNumbers(where: string, settings: StageSettings): void {
  const { maxTurns, maxIterations, timeoutMinutes, budget } = settings
  const whole = { maxTurns, maxIterations, timeoutMinutes }
  const most: { readonly [name: string]: number } = { maxIterations: 20, timeoutMinutes: 350 }
  for (const [name, value] of Object.entries(whole)) {
    const limit = most[name] ?? 10_000
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= limit))
      throw wrong(where, name, `a whole number from 1 to ${limit}`, value)
  }
  const cost = budget?.maxCostUsd
  if (cost !== undefined && !(Number.isFinite(cost) && cost > 0))
    throw wrong(where, 'budget.maxCostUsd', 'an amount of US dollars above 0', cost)
}

function checkRules(where: string, { allow = [], deny = [] }: StageSettings): void {
  const errors = [...parseRules(allow, 'allow').errors, ...parseRules(deny, 'deny').errors]
  if (errors.length > 0) throw new ConfigError(`${where}: ${errors.join(' ')}`)
}

function wrong(where: string, name: string, expected: string, got: string | number): ConfigError {
  return new ConfigError(`${where}: ${name} must be ${expected}; got ${JSON.stringify(got)}.`)
}

/** Throws `ConfigError` where two stages would share a file. */
export function checkChain(entries: readonly StageEntry[]): void {
  const seen = new Set<string>()
  for (const { id } of entries) {
    if (seen.has(id)) throw new ConfigError(`There are two stages "${id}".`)
    seen.add(id)
  }
  for (const { id, settings } of entries) {
    const isReview = settings.kind === 'review' || (settings.kind === undefined && id === 'review')
    if (isReview && seen.has(`${id}-fix`))
      throw new ConfigError(
        `The id "${id}-fix" is that of the stage that fixes what "${id}" sends back.`,
      )
  }
}
