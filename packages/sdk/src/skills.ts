import { canonicalToolName, type Hooks, type Tool } from '@harnext/core'
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

/** A sentence for each skill that allows nothing but tools that are not there: with it, nothing would run. */
export function allowingNothing(
  skills: readonly Skill[],
  names: readonly string[],
): readonly string[] {
  const isThere = (allowed: string): boolean => {
    const name = canonicalToolName(allowed.replace(/\(.*$/s, ''))
    // Which tools a server has, and a skill's own name for them, is known when it runs.
    return name.includes('__') || names.includes(name)
  }
  return skills.flatMap(({ name, allowedTools = [] }) =>
    allowedTools.length && !allowedTools.some(isThere)
      ? [
          `The skill ${name} allows only ${allowedTools.join(', ')}, and there is no such tool: while it is in use, none runs.`,
        ]
      : [],
  )
}

/** What a skill allows holds before anything that the hooks of a program say. */
export function withNarrowing(hooks: Hooks | undefined, skills: readonly Skill[]): Hooks {
  const narrow = narrowToSkills(skills)
  return {
    ...hooks,
    beforeTool: (call, messages) => narrow(call, messages) ?? hooks?.beforeTool?.(call, messages),
  }
}
