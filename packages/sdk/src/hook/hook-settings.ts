import {
  ConfigError,
  isJsonObject,
  matchesTool,
  nearest,
  validateJson,
  type JsonObject,
} from '@harnext/core'

export const hookEvents = [
  'PreToolUse',
  'PostToolUse',
  'UserPromptSubmit',
  'SessionStart',
  'SessionEnd',
  'Stop',
  'SubagentStop',
  'PreCompact',
  'PermissionRequest',
  'Notification',
] as const
export type HookEventName = (typeof hookEvents)[number]

/** Which commands run when: the shape that Claude Code's settings have. */
export type HookSettings = { readonly [event in HookEventName]?: readonly HookGroup[] }

export interface HookGroup {
  /**
   * Of the events of tools: names, `*` for any letters, `|` between several, other systems' names understood; or a regular expression of
   * the whole name. Of others: the source, the agent, the kind. @default all
   */
  readonly matcher?: string
  readonly hooks: readonly HookCommand[]
}

export interface HookCommand {
  readonly type: 'command'
  /** A line for `/bin/sh`. */
  readonly command: string
  /** Seconds. @default 60 */
  readonly timeout?: number
}

const schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['hooks'],
    additionalProperties: false,
    properties: {
      matcher: { type: 'string' },
      hooks: {
        type: 'array',
        items: {
          type: 'object',
          required: ['type', 'command'],
          additionalProperties: false,
          properties: {
            type: { const: 'command' },
            command: { type: 'string', minLength: 1 },
            timeout: { type: 'number', exclusiveMinimum: 0, maximum: 86_400 },
          },
        },
      },
    },
  },
} as const

/** Throws `ConfigError` that names where it is, what is expected and what was found. */
export function parseHooks(value: unknown, where: string): HookSettings {
  if (!isJsonObject(value))
    throw new ConfigError(`${where}: hooks must be an object whose keys are events.`)
  const issues = Object.entries(value).flatMap(([event, groups]) => checkEvent(event, groups))
  if (issues.length) throw new ConfigError(`${where}: ${issues.join('; ')}`)
  return value
}

function checkEvent(event: string, groups: JsonObject[string]): readonly string[] {
  const isKnown = hookEvents.some((name) => name === event)
  if (!isKnown) {
    const near = nearest(event, hookEvents)
    const hint = near === undefined ? `They are ${hookEvents.join(', ')}.` : `Did you mean ${near}?`
    return [`there is no hook event ${JSON.stringify(event)}. ${hint}`]
  }
  const issues = validateJson(schema, groups).map((issue) => `hooks.${event}: ${issue}`)
  if (issues.length) return issues
  return (groups as unknown as readonly HookGroup[]).flatMap(({ matcher }) => {
    const isRead = matcher === undefined || patternOf(matcher) !== null || isNames(matcher)
    return isRead ? [] : [`hooks.${event}: the matcher ${matcher} is no regular expression`]
  })
}

/** All of all files; those of the first run first. */
export function joinHooks(all: readonly (HookSettings | undefined)[]): HookSettings {
  const joined = hookEvents.flatMap((event) => {
    const groups = all.flatMap((settings) => settings?.[event] ?? [])
    return groups.length ? [[event, groups] as const] : []
  })
  return Object.fromEntries(joined)
}

/** The commands for an event about the subject: the names of a tool, a source, a kind. Without one, all. */
export function commandsFor(
  settings: HookSettings,
  event: HookEventName,
  subject: readonly string[] | undefined,
): readonly HookCommand[] {
  return (settings[event] ?? []).flatMap(({ matcher, hooks }) =>
    isMeant(matcher, subject) ? hooks : [],
  )
}

function isMeant(matcher: string | undefined, subject: readonly string[] | undefined): boolean {
  if (!matcher || matcher === '*' || !subject) return true
  const isNamed = matcher
    .split('|')
    .some((name) => name && subject.some((one) => matchesTool(name, one)))
  return isNamed || subject.some((one) => patternOf(matcher)?.test(one))
}

/** Names with stars need not be a regular expression. */
function isNames(matcher: string): boolean {
  return /^[\w\s.:*|-]*$/.test(matcher)
}

function patternOf(matcher: string): RegExp | null {
  try {
    return new RegExp(`^(?:${matcher})$`, 'i')
  } catch {
    return null
  }
}
