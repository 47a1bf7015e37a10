import { fromAiSdkTools, type AiSdkToolSet } from '@harnext/ai-sdk'
import { ConfigError, tool, type Tool } from '@harnext/core'
import { readSkills, renderSkill, type Skill } from '@harnext/tools/skills'

/** A `ToolSet` of the AI SDK, or tools of harnext. */
export type Tools = AiSdkToolSet | readonly Tool[]

export function toTools(tools: Tools): readonly Tool[] {
  return isList(tools) ? tools : fromAiSdkTools(tools)
}

function isList(tools: Tools): tools is readonly Tool[] {
  return Array.isArray(tools)
}

/** The tool that loads skills. A later folder counts. Throws `ConfigError` for a skill that cannot be read. */
export function skillTools(paths: readonly string[]): readonly Tool[] {
  const found = paths.map((path) => readSkills(path, 'given'))
  const problems = found.flatMap((each) => each.problems)
  if (problems.length) throw new ConfigError(problems.join(' '))
  const byName = new Map(found.flatMap(({ skills }) => skills.map((each) => [each.name, each])))
  return byName.size ? [skillTool(byName)] : []
}

function skillTool(skills: ReadonlyMap<string, Skill>): Tool {
  const lines = Array.from(skills.values(), ({ name, description }) => `- ${name}: ${description}`)
  return tool<{ readonly name: string }>({
    name: 'skill',
    description: `Loads the instructions of a skill. The skills are:\n${lines.join('\n')}`,
    parameters: {
      type: 'object',
      properties: { name: { enum: [...skills.keys()] } },
      required: ['name'],
    },
    effects: () => [],
    recovery: 'rerun',
    execute({ name }) {
      const found = skills.get(name)
      return found ? renderSkill(found) : ''
    },
  })
}
