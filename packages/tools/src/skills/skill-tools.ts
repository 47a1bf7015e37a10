import { ToolResult, tool, type Tool } from '@harnext/core'
import { explain } from '../file/failure.ts'
import { renderSkill } from './render.ts'
import type { Skill } from './skill.ts'

/**
 * Skills as what `load_tools` lists and loads: the model is told their names and descriptions, and gets the instructions of those that it
 * loads. They touch nothing that a permission is about: they are those that the person put there.
 */
export function skillTools(skills: readonly Skill[]): readonly Tool[] {
  return skills.filter(({ modelInvocable }) => modelInvocable).map(toTool)
}

function toTool(skill: Skill): Tool {
  const { name, description, whenToUse, location } = skill
  const when = whenToUse === undefined ? '' : ` ${whenToUse}`
  return tool({
    name,
    description: `${description}${when}`.replaceAll(/\s+/g, ' '),
    parameters: { type: 'object' },
    loadable: 'text',
    effects: () => [],
    recovery: 'rerun',
    execute() {
      try {
        return ToolResult.ok(renderSkill(skill))
      } catch (error) {
        return ToolResult.error(explain(error, location ?? name, 'read'))
      }
    },
  })
}
