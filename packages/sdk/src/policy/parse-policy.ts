import {
  ConfigError,
  canonicalToolName,
  isJsonObject,
  nearest,
  parseRules,
  type Decision,
  type Json,
  type JsonObject,
  type PermissionRule,
} from '@harnext/core'

/** A policy file, read and not yet joined with those that it inherits. */
export interface PolicyFile {
  readonly name: string
  readonly rules: readonly PermissionRule[]
  readonly default?: Decision
  /** Paths, relative to the file. */
  readonly inherit: readonly string[]
}

const keys = ['version', 'name', 'description', 'defaults', 'inherit', 'inherit_from', 'rules']
const conditions = ['command_matches', 'path_matches', 'not_path_matches', 'content_matches']
const decisions: readonly unknown[] = ['allow', 'ask', 'deny'] satisfies Decision[]

/**
 * `{ version: 1, defaults: { decision }, inherit, rules }`. A rule is what `parseRules` takes, or
 * `{ tool, decision, when: { command_matches | path_matches, not_path_matches, content_matches }, description }`. All conditions of a rule
 * must hold. Throws `ConfigError` that names what is not known: a condition that was left out would make its rule wider.
 */
export function parsePolicy(value: unknown, where: string): PolicyFile {
  if (!isJsonObject(value)) throw new ConfigError(`${where} must hold an object.`)
  checkKeys(value, keys, where)
  const { version = 1, defaults = {}, rules = [] } = value
  if (version !== 1) throw new ConfigError(`${where}: version must be 1; got ${short(version)}.`)
  if (!Array.isArray(rules)) throw new ConfigError(`${where}: rules must be a list.`)
  if (!isJsonObject(defaults)) throw new ConfigError(`${where}: defaults must be an object.`)
  checkKeys(defaults, ['decision'], `${where}, defaults`)
  const { decision } = defaults
  if (decision !== undefined && !decisions.includes(decision))
    throw new ConfigError(
      `${where}: defaults.decision must be allow, ask or deny; got ${short(decision)}.`,
    )
  return {
    name: typeof value['name'] === 'string' ? `${value['name']} (${where})` : where,
    rules: rules.flatMap((rule, index) => toRules(rule, `${where}, rule ${index + 1}`)),
    ...(decision !== undefined && { default: decision as Decision }),
    inherit: inherited(value['inherit'] ?? value['inherit_from'] ?? [], where),
  }
}

function inherited(value: Json, where: string): readonly string[] {
  const paths = [value].flat()
  return paths.map((path) => {
    if (typeof path === 'string' && path !== '') return path
    throw new ConfigError(
      `${where}: inherit must be a path or a list of paths; got ${short(value)}.`,
    )
  })
}

function toRules(rule: Json, where: string): readonly PermissionRule[] {
  if (!isJsonObject(rule) || rule['when'] === undefined) return parsed([rule], where)
  const { when, ...rest } = rule
  if (!isJsonObject(when)) throw new ConfigError(`${where}: when must be an object.`)
  checkKeys(when, conditions, `${where}, when`)
  const text = (name: string): string | undefined => {
    const condition = when[name]
    if (condition === undefined || typeof condition === 'string') return condition
    throw new ConfigError(`${where}: ${name} must be a text; got ${short(condition)}.`)
  }
  const command = text('command_matches')
  const path = text('path_matches')
  const except = text('not_path_matches')
  const content = text('content_matches')
  const shared = {
    ...rest,
    ...(except !== undefined && { except: toGlob(except) }),
    ...(content !== undefined && { content }),
  }
  if (command !== undefined) {
    if (path !== undefined || except !== undefined)
      throw new ConfigError(`${where}: a rule is about commands or about paths, not about both.`)
    return parsed([{ ...shared, ...shellOnly(rest, where), pattern: command }], where)
  }
  const pattern = path === undefined ? {} : { pattern: toGlob(path) }
  return parsed(
    effectsOf(rest, where).map((effect) => ({ ...shared, ...effect, ...pattern })),
    where,
  )
}

function shellOnly({ tool }: JsonObject, where: string): JsonObject {
  const name = typeof tool === 'string' ? canonicalToolName(tool) : '*'
  if (name !== 'bash' && name !== '*')
    throw new ConfigError(`${where}: only bash has commands; got the tool ${short(tool)}.`)
  return { tool: 'bash', effect: 'execute' }
}

/** What a rule about paths is about, by the tool that it names. */
function effectsOf({ tool }: JsonObject, where: string): readonly JsonObject[] {
  if (tool !== undefined && typeof tool !== 'string')
    throw new ConfigError(`${where}: tool must be a text; got ${short(tool)}.`)
  switch (canonicalToolName(tool ?? '*')) {
    case 'read':
      return [{ tool: '*', effect: 'read' }]
    case 'write':
    case 'edit':
      return [{ tool: '*', effect: 'write' }]
    default:
      return [
        { tool: tool ?? '*', effect: 'read' },
        { tool: tool ?? '*', effect: 'write' },
      ]
  }
}

/** There `*` means any characters, slashes too. */
function toGlob(pattern: string): string {
  return pattern.replace(/^\*\//, '**/').replace(/\/\*$/, '/**')
}

function parsed(rules: readonly unknown[], where: string): readonly PermissionRule[] {
  const result = parseRules(rules)
  if (result.errors.length) throw new ConfigError(`${where}: ${result.errors.join(' ')}`)
  return result.rules
}

function checkKeys(value: JsonObject, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const near = nearest(unknown, known)
  throw new ConfigError(
    `${where}: there is no ${JSON.stringify(unknown)}; ${near ? `did you mean ${near}?` : `it takes ${known.join(', ')}.`}`,
  )
}

function short(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
