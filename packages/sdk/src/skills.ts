import type { Hooks, Tool } from '@harnext/core'
import { collectSkills, narrowToSkills, skillTools, type Skill } from '@harnext/tools/skills'
import type { HarnextOptions } from './options.ts'

/** The skills of a client, and what they are to its agent. */
export interface ServedSkills {
  readonly skills: readonly Skill[]
  readonly problems: readonly string[]
  /** What a model can load. */
  readonly tools: readonly Tool[]
}

export function serveSkills(
  { skills: given, env = process.env }: HarnextOptions,
  where: { readonly cwd: string; readonly harnextHome: string; readonly trusted: boolean },
): ServedSkills {
  if (given === false) return { skills: [], problems: [], tools: [] }
  const { HOME: home } = env
  const found = collectSkills({
    ...where,
    ...(home && { home }),
    ...(given && { given }),
  })
  return { ...found, tools: skillTools(found.skills) }
}

/** What a skill allows holds before anything that the hooks of a program say. */
export function withNarrowing(hooks: Hooks | undefined, skills: readonly Skill[]): Hooks {
  const narrow = narrowToSkills(skills)
  return {
    ...hooks,
    beforeTool: (call, messages) => narrow(call, messages) ?? hooks?.beforeTool?.(call, messages),
  }
}
