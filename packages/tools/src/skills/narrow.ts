import {
  canonicalToolName,
  type Message,
  type ToolHookCall,
  type ToolMessage,
  type UserMessage,
} from '@harnext/core'
import type { Skill } from './skill.ts'

/** The tool that skills are loaded with. */
const loader = 'load_tools'

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
    if (narrowing.length === 0 || called === loader) return undefined
    const seen = histories.get(messages) ?? { messages: 0, names: new Set() }
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
}

/** Takes in what came since it last looked; what the person says begins anew. */
function see(seen: Seen, messages: readonly Message[]): void {
  for (; seen.messages < messages.length; seen.messages++) {
    const message = messages[seen.messages]
    if (message?.role === 'user' && (message.origin ?? 'user') === 'user') {
      seen.names.clear()
      addNames(seen, message)
    } else if (message?.role === 'tool' && message.tool === loader && message.status === 'ok') {
      addNames(seen, message)
    }
  }
}

/** As `renderSkill` writes them. */
function addNames({ names }: Seen, { content }: UserMessage | ToolMessage): void {
  for (const part of content)
    if (part.type === 'text')
      for (const [, name = ''] of part.text.matchAll(/^<skill name="([a-z0-9-]+)"/gm))
        names.add(name)
}
