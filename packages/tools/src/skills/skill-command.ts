import { renderSkill } from './render.ts'
import type { Skill } from './skill.ts'

export interface SkillCommand {
  readonly skill: Skill
  /** What the model gets in the place of the prompt. */
  readonly text: string
}

/**
 * What a prompt that begins with `/name` or `/skill:name` means: the instructions of that skill, with the words behind it. `undefined`
 * when it names none that a person may call: a path, for instance, stays what it is.
 */
export function skillCommand(prompt: string, skills: readonly Skill[]): SkillCommand | undefined {
  const match = /^\s*\/(?:skill:)?([a-z0-9-]+)(?:\s+([\s\S]*))?$/.exec(prompt)
  const skill = skills.find(({ name, userInvocable }) => userInvocable && name === match?.[1])
  return skill && { skill, text: renderSkill(skill, match?.[2] ?? '') }
}
