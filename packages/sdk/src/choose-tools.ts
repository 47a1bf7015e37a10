import { createHash } from 'node:crypto'
import path from 'node:path'
import { ConfigError, canonicalToolName, nearest, type Tool, type ToolSource } from '@harnext/core'
import {
  applyPatch,
  askUserTool,
  builtinTools,
  memoryTool,
  shellTools,
  webSearchTool,
} from '@harnext/tools'
import type { HarnextOptions } from './options.ts'
import type { ServedSkills } from './skills.ts'

export interface ChosenTools {
  readonly tools: readonly Tool[]
  readonly sources: readonly ToolSource[]
}

/** Those that live as long as a run: what they began ends with it. */
const ofRuns: readonly string[] = ['bash', 'bash_output', 'kill_shell']

/** Those that are there where there is something for them to do: skills, agents, a person to ask. */
const madeElsewhere: readonly string[] = ['load_tools', 'task', 'ask_user']

interface Where {
  /** Absolute real path. */
  readonly cwd: string
  /** Of harnext. */
  readonly home: string
}

/** Throws `ConfigError` for a name that no built-in tool has. */
export function chooseTools(
  given: readonly (string | Tool)[] | undefined,
  served: ServedSkills,
  options: HarnextOptions,
  where: Where,
): ChosenTools {
  const known = listedTools(options)
  const onlyNamed = unlistedTools(where)
  if (!given) return { tools: withSkills(known, served), sources: [shellTools()] }
  const names: string[] = []
  const tools = given.flatMap((tool) => {
    if (typeof tool !== 'string') return tool
    const name = canonicalToolName(tool)
    const found = [...known, ...onlyNamed].find((each) => each.name === name)
    if (found) return found
    const isKnown = ofRuns.includes(name) || madeElsewhere.includes(name)
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

/** Every name that a tool of a run can have, but for those of MCP servers. */
export function toolNames(
  given: readonly (string | Tool)[] | undefined,
  options: HarnextOptions,
  where: Where,
): readonly string[] {
  const own = (given ?? []).flatMap((tool) => (typeof tool === 'string' ? [] : [tool.name]))
  const builtIn = [...listedTools(options), ...unlistedTools(where)].map(({ name }) => name)
  return [...builtIn, ...ofRuns, ...madeElsewhere, ...own]
}

/** What a run gets whose tools nobody chose. */
function listedTools({ env = process.env, onQuestion }: HarnextOptions): readonly Tool[] {
  const search = webSearchTool({ env })
  return [
    ...builtinTools.filter(({ name }) => !ofRuns.includes(name)),
    ...(search ? [search] : []),
    ...(onQuestion ? [askUserTool({ ask: onQuestion })] : []),
  ]
}

/**
 * Another form of `edit`, which models of OpenAI were taught, as the tools of a run do not depend on its provider; and notes, which outlast
 * the session, so that whoever wants them says so.
 */
function unlistedTools({ cwd, home }: Where): readonly Tool[] {
  return [applyPatch, memoryTool({ folder: path.join(projectFolder(home, cwd), 'memory') })]
}

/** What harnext keeps of a working directory beside its sessions. */
function projectFolder(home: string, cwd: string): string {
  const hash = createHash('sha256').update(cwd).digest('hex').slice(0, 12)
  return path.join(home, 'projects', hash)
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
