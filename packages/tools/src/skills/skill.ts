import { ConfigError } from '@harnext/core'

/** Instructions for one kind of work, which the model gets when that work comes up. */
export interface Skill {
  /** 1 to 64 of `a-z0-9`, with single hyphens inside. */
  readonly name: string
  /** What it does and when to use it: all that the model knows of it until it loads it. */
  readonly description: string
  /** What the model is told. That of a file is read when it is used, and throws when it cannot be. */
  readonly instructions: string
  readonly whenToUse?: string
  /** Names of the only tools that may run once it was loaded, until the run is over. Absent: it narrows nothing. */
  readonly allowedTools?: readonly string[]
  /** Names of the words behind `/name`, for `{word}` in the instructions. */
  readonly args?: readonly string[]
  /** Whether `/name` at the start of a prompt means it. */
  readonly userInvocable: boolean
  /** Whether the model is told of it. */
  readonly modelInvocable: boolean
  readonly source: SkillSource
  /** The path of its `SKILL.md`; absent when it is not a file. */
  readonly location?: string
}

/** Where it comes from; of two with one name the later one counts: bundled, user, project, given. */
export type SkillSource = 'bundled' | 'user' | 'project' | 'given'

export interface SkillDefinition extends Pick<
  Skill,
  'name' | 'description' | 'instructions' | 'whenToUse' | 'allowedTools' | 'args'
> {
  /** @default true */
  readonly userInvocable?: boolean
  /** @default true */
  readonly modelInvocable?: boolean
}

/**
 * A skill that is written down in a program. Throws `ConfigError` when its name or description is not one that the Agent Skills rules allow.
 *
 * @example
 * const release = skill({
 *   name: 'release', description: 'Publishes a version. Use when asked to release.',
 *   instructions: 'Run the tests, then tag the commit.',
 * })
 */
export function skill(definition: SkillDefinition): Skill {
  const problems = [...checkName(definition.name), ...checkDescription(definition.description)]
  if (definition.instructions.trim() === '') problems.push('its instructions are empty')
  if (problems.length)
    throw new ConfigError(`The skill ${JSON.stringify(definition.name)}: ${problems.join('; ')}.`)
  return { userInvocable: true, modelInvocable: true, ...definition, source: 'given' }
}

const maxName = 64
const maxDescription = 1024

/** What is wrong with a name, as the end of a sentence; empty when nothing is. */
export function checkName(name: string): string[] {
  if (name.length <= maxName && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return []
  return [
    `a name is 1 to ${maxName} of a-z, 0-9 and single hyphens inside; got ${JSON.stringify(name.slice(0, 80))}`,
  ]
}

export function checkDescription(description: string): string[] {
  if (description.trim() === '') return ['it needs a description']
  if (description.length <= maxDescription) return []
  return [
    `a description has at most ${maxDescription} characters; this one has ${description.length}`,
  ]
}
