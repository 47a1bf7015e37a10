import {
  canonicalToolName,
  isJsonObject,
  textOf,
  type Json,
  type Message,
  type ToolHookCall,
  type UserMessage,
} from '@harnext/core'
import type { Skill } from './skill.ts'

/**
 * A `beforeTool` hook that holds a run to the `allowedTools` of the skills that were loaded in it. Each skill narrows further, none
 * permits anything; loading a skill is always possible. A function of the conversation, so it holds after a crash, too.
 */
export function narrowToSkills(
  skills: readonly Skill[],
): (call: ToolHookCall, messages: readonly Message[]) => { readonly deny: string } | undefined {
  const narrowing = skills.filter(({ allowedTools }) => allowedTools)
  // A history that was shortened is another array.
  const histories = new WeakMap<readonly Message[], Seen>()
  return ({ tool }, messages) => {
    const called = canonicalToolName(tool)
    if (narrowing.length === 0 || called === 'skill') return undefined
    const seen = histories.get(messages) ?? { messages: 0, names: new Set(), calls: new Map() }
    histories.set(messages, seen)
    see(seen, messages)
    const against = narrowing.find(
      ({ name, allowedTools = [] }) =>
        seen.names.has(name) && !allowedTools.some((allowed) => allows(allowed, called)),
    )
    return against && { deny: denialOf(against, tool) }
  }
}

/** `bash(git:*)` names its tool: what it may be called with is for rules. */
function allows(allowed: string, called: string): boolean {
  const name = canonicalToolName(allowed.replace(/\(.*$/s, ''))
  if (name.toLowerCase() === called.toLowerCase()) return true
  return name.startsWith('mcp__') && called.startsWith(`${name}__`)
}

function denialOf({ name, allowedTools = [] }: Skill, tool: string): string {
  const only = allowedTools.length ? `only ${allowedTools.join(', ')}` : 'no tool'
  return `The skill ${name} allows ${only}, so ${tool} does not run until this task is over. Go on without it, or say what you need.`
}

/** What was seen of a conversation so far: it is long, it only grows, and each call asks. */
interface Seen {
  messages: number
  readonly names: Set<string>
  /** Calls of the skill tool without a result yet, with the skill that they named. */
  readonly calls: Map<string, string>
}

/** Takes in what came since it last looked; what the person says begins anew. */
function see(seen: Seen, messages: readonly Message[]): void {
  for (; seen.messages < messages.length; seen.messages++) {
    const message = messages[seen.messages]
    if (message?.role === 'user') seeUser(seen, message)
    else if (message?.role === 'assistant') {
      for (const part of message.content)
        if (part.type === 'tool_call' && canonicalToolName(part.tool) === 'skill')
          seen.calls.set(part.id, nameOf(part.args))
    } else if (message) {
      const name = seen.calls.get(message.id)
      if (name !== undefined && message.status === 'ok') seen.names.add(name.trim().toLowerCase())
      seen.calls.delete(message.id)
    }
  }
}

function nameOf(args: Json): string {
  const name = isJsonObject(args) ? args['name'] : ''
  return typeof name === 'string' ? name : ''
}

function seeUser({ names, calls }: Seen, message: UserMessage): void {
  if ((message.origin ?? 'user') !== 'user') return
  names.clear()
  calls.clear()
  const name = /^<skill name="([a-z0-9-]+)"/.exec(textOf(message.content))?.[1]
  if (name !== undefined) names.add(name)
}
