import {
  isJsonObject,
  messageOf,
  withoutMiddle,
  type Exit,
  type Json,
  type JsonObject,
  type Redact,
} from '@harnext/core'
import type { HookEventName } from './hook-settings.ts'

/** What a hook said. */
export interface HookOutcome {
  /** Why what is about to happen may not. */
  readonly block?: string
  /** For the model. */
  readonly context?: string
  /** In the place of the call's arguments. */
  readonly args?: JsonObject
  /** `deny` is `block`. */
  readonly permission?: 'allow' | 'ask'
  /** Why, for the person who is asked. */
  readonly reason?: string
  /** Why the run has to end. */
  readonly stop?: string
  /** For the person who reads the run. */
  readonly warnings?: readonly string[]
}

/** What came of a command; `problem` where it came to no exit of its own: it could not be started, or took too long. */
export interface HookEnd {
  readonly exit?: Exit
  readonly problem?: string
  readonly stdout: string
  readonly stderr: string
}

/** About 5,000 tokens. */
const mostCharacters = 20_000
const mostInWarning = 2000

/** Their verdict is waited for: one that gives none must not let anything pass. */
const guards: ReadonlySet<HookEventName> = new Set(['PreToolUse', 'UserPromptSubmit'])
/** Their output is for the model when it is not JSON. */
const tellers: ReadonlySet<HookEventName> = new Set([
  'UserPromptSubmit',
  'SessionStart',
  'PreCompact',
])
/** What they say with exit code 2 cannot block anything: it has happened, or nobody waits for it. */
const bystanders: ReadonlySet<HookEventName> = new Set([
  'SessionStart',
  'SessionEnd',
  'Notification',
])

/**
 * What the end of a hook means. Exit code 2 blocks, with standard error as the reason; 0 says what standard output says; any other is a
 * warning. No verdict at all (it could not be started, was ended by a signal, took too long, wrote JSON that cannot be read) is a warning, and
 * blocks where the hook is a guard.
 */
export function readOutcome(
  event: HookEventName,
  name: string,
  end: HookEnd,
  redact: Redact = (text) => text,
): HookOutcome {
  return shown(outcomeOf(event, name, end), redact)
}

/** Without secrets; and a program that prints without end must not fill the conversation, or the screen. */
function shown(outcome: HookOutcome, redact: Redact): HookOutcome {
  const entries = Object.entries(outcome).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? withoutMiddle(redact(value), mostCharacters) : value,
  ])
  const { warnings } = outcome
  return {
    ...(Object.fromEntries(entries) as HookOutcome),
    ...(warnings && {
      warnings: warnings.map((text) => withoutMiddle(redact(text), mostInWarning)),
    }),
  }
}

function outcomeOf(event: HookEventName, name: string, end: HookEnd): HookOutcome {
  const { exit, stdout, stderr } = end
  const problem = end.problem ?? problemOf(exit)
  if (problem !== undefined) return noVerdict(event, `The ${event} hook ${name} ${problem}`, stderr)
  if (exit?.code === 2) {
    const reason = stderr.trim() || stdout.trim() || `The ${event} hook ${name} refused it.`
    return bystanders.has(event) ? { warnings: [reason] } : { block: reason }
  }
  if (exit?.code !== 0)
    return {
      warnings: [said(`The ${event} hook ${name} failed with exit code ${exit?.code}`, stderr)],
    }
  const text = stdout.trim()
  if (!text.startsWith('{')) return text && tellers.has(event) ? { context: text } : {}
  try {
    return readJson(event, JSON.parse(text))
  } catch (error) {
    return noVerdict(
      event,
      `The ${event} hook ${name} wrote what cannot be read: ${messageOf(error)}`,
      '',
    )
  }
}

function problemOf(exit: Exit | undefined): string | undefined {
  if (exit?.code === 126 || exit?.code === 127)
    return `could not be started (exit code ${exit.code})`
  return exit?.code === null ? `was ended by ${exit.signal}` : undefined
}

function noVerdict(event: HookEventName, problem: string, stderr: string): HookOutcome {
  const message = said(problem, stderr)
  return guards.has(event) ? { block: message, warnings: [message] } : { warnings: [message] }
}

function said(problem: string, stderr: string): string {
  const text = stderr.trim()
  return text ? `${problem}: ${text}` : `${problem}.`
}

/** Throws for what is none of the words that the field has. */
function readJson(event: HookEventName, output: unknown): HookOutcome {
  if (!isJsonObject(output)) throw new TypeError('it must be an object')
  const specific = output['hookSpecificOutput']
  const own = isJsonObject(specific) ? { ...output, ...specific } : output
  const nested = isJsonObject(own['decision']) ? own['decision'] : {}
  const word = own['permissionDecision'] ?? nested['behavior'] ?? own['decision']
  const reason =
    textAt(own, 'permissionDecisionReason') ?? textAt(nested, 'message') ?? textAt(own, 'reason')
  const args = own['updatedInput'] ?? nested['updatedInput']
  if (args !== undefined && !isJsonObject(args)) throw new TypeError('updatedInput is no object')
  const context = textAt(own, 'additionalContext')
  const message = textAt(own, 'systemMessage')
  const stop = own['continue'] === false
  return {
    ...decided(event, isJsonObject(word) ? undefined : word, reason),
    ...(args && { args }),
    ...(context !== undefined && { context }),
    ...(stop && { stop: textAt(own, 'stopReason') ?? reason ?? `A ${event} hook ended it.` }),
    ...(message !== undefined && { warnings: [message] }),
  }
}

function decided(
  event: HookEventName,
  word: Json | undefined,
  reason: string | undefined,
): HookOutcome {
  if (word === undefined) return {}
  if (word === 'deny' || word === 'block') return { block: reason ?? `A ${event} hook refused it.` }
  if (word === 'ask')
    return { permission: 'ask', reason: reason ?? `A ${event} hook wants a person to decide.` }
  if (word === 'allow' || word === 'approve')
    return { permission: 'allow', ...(reason !== undefined && { reason }) }
  throw new TypeError(`it decides ${JSON.stringify(word)}; expected allow, ask, deny or block`)
}

function textAt(object: JsonObject, name: string): string | undefined {
  const value = object[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`)
  return value
}
