import type { Hooks, Tool } from '@harnext/core'
import { collectSkills, narrowToSkills, skillTool, type Skill } from '@harnext/tools/skills'
import type { HarnextOptions } from './options.ts'

/** The skills of a client, and what they are to its agent. */
export interface ServedSkills {
  readonly skills: readonly Skill[]
  readonly problems: readonly string[]
  /** Absent where there is nothing that a model could load. */
  readonly tool?: Tool
}

export function serveSkills(
  { skills: given, env = process.env }: HarnextOptions,
  where: { readonly cwd: string; readonly harnextHome: string; readonly trusted: boolean },
): ServedSkills {
  if (given === false) return { skills: [], problems: [] }
  const { HOME: home } = env
  const found = collectSkills({
    ...where,
    ...(home && { home }),
    ...(given && { given }),
  })
  const tool = skillTool(found.skills)
  return { ...found, ...(tool && { tool }) }
}

/** What a skill allows holds before anything that the hooks of a program say. */
export function withNarrowing(hooks: Hooks | undefined, skills: readonly Skill[]): Hooks {
  const narrow = narrowToSkills(skills)
  return {
    ...hooks,
    beforeTool: (call, messages) => narrow(call, messages) ?? hooks?.beforeTool?.(call, messages),
  }
}
