import { ConfigError, canonicalToolName, nearest, type Tool, type ToolSource } from '@harnext/core'
import { applyPatch, builtinTools, shellTools, webSearchTool } from '@harnext/tools'
import type { HarnextOptions } from './options.ts'
import type { ServedSkills } from './skills.ts'

export interface ChosenTools {
  readonly tools: readonly Tool[]
  readonly sources: readonly ToolSource[]
}

/** Another form of `edit`, which models of OpenAI were taught: the tools of a run do not depend on its provider. */
const onlyNamed: readonly Tool[] = [applyPatch]

/** Those that live as long as a run: what they began ends with it. */
const ofRuns: readonly string[] = ['bash', 'bash_output', 'kill_shell']

/** Throws `ConfigError` for a name that no built-in tool has. */
export function chooseTools(
  given: readonly (string | Tool)[] | undefined,
  served: ServedSkills,
  options: HarnextOptions,
): ChosenTools {
  const search = webSearchTool({ env: options.env ?? process.env })
  const known = [
    ...builtinTools.filter(({ name }) => !ofRuns.includes(name)),
    ...(search ? [search] : []),
  ]
  if (!given) return { tools: withSkills(known, served), sources: [shellTools()] }
  const names: string[] = []
  const tools = given.flatMap((tool) => {
    if (typeof tool !== 'string') return tool
    const name = canonicalToolName(tool)
    const found = [...known, ...onlyNamed].find((each) => each.name === name)
    if (found) return found
    // Made where there is something for it to do: skills, agents.
    const isKnown = ofRuns.includes(name) || name === 'load_tools' || name === 'task'
    if (!isKnown)
      throw unknownTool(tool, [...[...known, ...onlyNamed].map((each) => each.name), ...ofRuns])
    names.push(name)
    return []
  })
  // What goes on in the background has to be read and ended.
  const wanted = ofRuns.filter((name) => names.includes('bash') || names.includes(name))
  const { skills } = options
  const hasSkills = names.includes('load_tools') || (skills && skills.length > 0)
  return {
    tools: hasSkills ? withSkills(tools, served) : tools,
    sources: wanted.length ? [shellTools({ names: wanted })] : [],
  }
}

/** A skill with the name of a tool can still be called by a person. */
function withSkills(tools: readonly Tool[], served: ServedSkills): readonly Tool[] {
  const taken = [...tools.map(({ name }) => name), ...ofRuns, 'load_tools', 'task']
  return [...tools, ...served.tools.filter(({ name }) => !taken.includes(name))]
}

function unknownTool(name: string, names: readonly string[]): ConfigError {
  const near = nearest(name, names)
  return new ConfigError(
    `There is no built-in tool ${JSON.stringify(name)}. ${near ? `Did you mean ${near}?` : `They are ${names.join(', ')}.`}`,
  )
}
