import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import {
  builtInAgents,
  canonicalToolName,
  ConfigError,
  messageOf,
  normaliseMode,
  type AgentCatalog,
  type AgentDefinition,
  type Tool,
} from '@harnext/core'
import { catalog } from '@harnext/models'
import { readAgent, readAgents } from './agent-file.ts'
import { chooseFallback, type ChosenModel } from './choose-model.ts'
import type { HarnextOptions } from './options.ts'
import type { Sources } from './reach.ts'

export interface ServedAgents {
  readonly agents?: readonly AgentDefinition[] | AgentCatalog
  readonly problems: readonly string[]
}

interface Where extends Sources {
  readonly cwd: string
  readonly trusted: boolean
}

/**
 * The subagents of a client. Of two with one name the later counts: built in, the person's, the project's, those that were given. A
 * project that nobody trusts brings none.
 */
export function serveAgents(
  { agents, maxSubagentDepth }: HarnextOptions,
  tools: readonly (string | Tool)[] | undefined,
  chosen: ChosenModel,
  where: Where,
): ServedAgents {
  const given = agents ?? []
  const wanted = agents !== undefined || !tools || tools.some(isTask)
  if (given === false || maxSubagentDepth === 0 || !wanted) return { problems: [] }
  if ('resolve' in given) return { agents: given, problems: [] }
  const problems: string[] = []
  const byName = new Map<string, AgentDefinition>()
  const add = (found: readonly AgentDefinition[]): void => {
    for (const agent of found) byName.set(agent.name, agent)
  }
  const read = (folder: string): void => {
    const found = readAgents(folder)
    problems.push(...found.problems)
    add(found.agents)
  }
  add(builtInAgents)
  for (const folder of userFolders(where)) read(folder)
  const project = ['.claude', '.harnext'].map((name) => path.join(where.cwd, name, 'agents'))
  if (where.trusted) for (const folder of project) read(folder)
  else if (project.some((folder) => readAgents(folder).agents.length > 0))
    problems.push('The agents of the project were ignored, because the folder is not trusted.')
  for (const one of given) {
    if (typeof one !== 'string') add([one])
    else if (!byName.has(one)) {
      const found = readGiven(path.resolve(where.cwd, one))
      problems.push(...found.problems)
      add(found.agents)
    }
  }
  return {
    agents: [...byName.values()].map((agent) => reached(agent, chosen, where, problems)),
    problems,
  }
}

/** Who chooses tools has subagents when `task` is one of them, or agents are given. */
function isTask(tool: string | Tool): boolean {
  return typeof tool === 'string' && canonicalToolName(tool) === 'task'
}

function userFolders({ home, env }: Where): readonly string[] {
  const { HOME } = env
  return [...(HOME ? [path.join(HOME, '.claude', 'agents')] : []), path.join(home, 'agents')]
}

function readGiven(place: string): ReturnType<typeof readAgents> {
  if (!existsSync(place))
    throw new ConfigError(
      `Each member of agents is a definition, a file, a folder, or the name of an agent that is there; got ${JSON.stringify(place)}, which does not exist.`,
    )
  return statSync(place).isDirectory() ? readAgents(place) : readAgent(place)
}

/** With the model that its text means: `inherit`, one of the same provider, or `provider/model`. One that cannot be reached is the parent's. */
function reached(
  agent: AgentDefinition,
  chosen: ChosenModel,
  where: Where,
  problems: string[],
): AgentDefinition {
  const { model, ...rest } = checked(agent, problems)
  if (model === undefined || agent.adapter) return model === undefined ? rest : { ...rest, model }
  if (model === 'inherit') return rest
  const own = catalog.find(chosen.adapter.id, model)
  if (own) return { ...rest, model: own.id }
  if (!model.includes('/') && !catalog.resolve(model)) return { ...rest, model }
  const found = chooseFallback([model], chosen, where)
  if (!found.problems.length) return { ...rest, ...found.models[0] }
  problems.push(`Agent ${agent.name} runs on the model of its parent: ${model} cannot be called.`)
  return rest
}

function checked(agent: AgentDefinition, problems: string[]): AgentDefinition {
  const { permissionMode, ...rest } = agent
  if (permissionMode === undefined) return agent
  try {
    normaliseMode(permissionMode)
    return agent
  } catch (error) {
    problems.push(`Agent ${agent.name} runs in plan mode: ${messageOf(error)}`)
    return { ...rest, permissionMode: 'plan' }
  }
}
