import { ToolResult, nearest, tool, type Tool } from '@harnext/core'
import { explain } from '../file/failure.ts'
import { renderSkill } from './render.ts'
import type { Skill } from './skill.ts'

/** Of all descriptions together, in characters: they are sent with every request. */
const maxListed = 16_000

interface SkillArgs {
  readonly name: string
  readonly args?: string
}

/**
 * The tool that gives the model the instructions of a skill. It is told the names and descriptions only. `undefined` when there is
 * no skill for it. It touches nothing that a permission is about: the skills are those that the person put there.
 */
export function skillTool(skills: readonly Skill[]): Tool | undefined {
  const known = skills.filter(({ modelInvocable }) => modelInvocable)
  if (known.length === 0) return undefined
  return tool<SkillArgs>({
    name: 'skill',
    description:
      'Gives you the instructions of a skill: how a kind of work is done here. When what you are asked for matches one, load it before you begin, and follow it. ' +
      `The skills are:\n${listed(known)}`,
    parameters: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, description: 'Name of the skill' },
        args: { type: 'string', description: 'What it is to be applied to, where it says so' },
      },
      required: ['name'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    execute({ name, args }) {
      const found = known.find((skill) => skill.name === name.trim().toLowerCase())
      if (!found) return ToolResult.error(unknownSkill(name, known))
      try {
        return ToolResult.ok(renderSkill(found, args))
      } catch (error) {
        return ToolResult.error(explain(error, found.location ?? name, 'read'))
      }
    },
  })
}

function unknownSkill(name: string, known: readonly Skill[]): string {
  const names = known.map((skill) => skill.name)
  const near = nearest(name, names)
  return `There is no skill ${JSON.stringify(name)}. ${near ? `Did you mean ${near}?` : `They are: ${names.join(', ')}.`}`
}

function listed(skills: readonly Skill[]): string {
  const lines: string[] = []
  let length = 0
  for (const { name, description, whenToUse } of skills) {
    const when = whenToUse === undefined ? '' : ` ${whenToUse}`
    const line = `- ${name}: ${`${description}${when}`.replaceAll(/\s+/g, ' ')}`
    length += line.length
    if (length > maxListed) break
    lines.push(line)
  }
  const more = skills.slice(lines.length).map(({ name }) => name)
  return [
    ...lines,
    ...(more.length ? [`- and, without room to say more: ${more.join(', ')}`] : []),
  ].join('\n')
}
