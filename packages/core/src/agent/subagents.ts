import type { SubagentResult } from '../events.ts'
import { isJsonObject, type Json } from '../json.ts'
import { ToolResult, tool, type Tool, type ToolContext } from '../tool/tool.ts'
import {
  resolveAgent,
  toCatalog,
  type AgentCatalog,
  type AgentSummary,
} from './agent-definition.ts'
import { backgroundTools } from './background-tools.ts'
import type { Background } from './background.ts'
import { beginChild, type ChildHost, type ChildTask, type Emit } from './child-run.ts'
import { shortHash } from './hash.ts'
import { findSession, isBusy, type SubagentSessionMode } from './subagent-sessions.ts'
import { openTag, taskResultText } from './task-text.ts'

/** What the model gives the `task` tool. */
interface TaskArgs {
  readonly agent: string
  readonly prompt: string
  readonly session?: { readonly mode: SubagentSessionMode; readonly id?: string }
  readonly background?: boolean
}

/**
 * The tools by which a run makes children: `task`, and with `background` the ones to look after those that run beside it. None where
 * there are no agents or the depth is used up. Asks the catalog for its list, once.
 */
export async function subagentTools(
  host: ChildHost,
  background: Background | null,
): Promise<readonly Tool[]> {
  const { agents, maxSubagentDepth = 1, subagentSessions } = host.start.options
  if (!agents || maxSubagentDepth < 1) return []
  const catalog = toCatalog(agents)
  const listed = await catalog.list()
  if (!listed.length) return []
  const { runId } = host.start.identity
  // Ids that are kept beyond the run must be nobody else's.
  const run = await shortHash([runId, ...host.agentPath].join('/'))
  const scope = subagentSessions ? `-${run.slice(0, 12)}-` : '-'
  const task = taskTool(host, { catalog, listed, scope }, background)
  return background ? [task, ...backgroundTools(background)] : [task]
}

interface TaskAgents {
  readonly catalog: AgentCatalog
  readonly listed: readonly AgentSummary[]
  /** Between the agent's name and the turn, in the ids of children. */
  readonly scope: string
}

function taskTool(
  host: ChildHost,
  { catalog, listed, scope }: TaskAgents,
  background: Background | null,
): Tool {
  const given = new Set<string>()
  const busy = new Set<string>()
  const defined = tool<TaskArgs>({
    name: 'task',
    description: description(listed),
    parameters: parameters(
      listed.map(({ name }) => name),
      { background: background !== null, usual: defaultMode(host) },
    ),
    // Called in call order, so that the ids follow from the log.
    effects({ agent, session }) {
      if (session?.mode === 'resume' && session.id !== undefined)
        return [{ kind: 'spawn', target: agent, detail: session.id }]
      const id = freeId(`${agent}${scope}${host.state.turn}`, host, given)
      given.add(id)
      return [{ kind: 'spawn', target: agent, detail: id }]
    },
    recovery: 'rerun',
    async execute(args, context) {
      const child = await childOf(host, catalog, args, context)
      const emit: Emit = (event) => context.emit(event)
      // A crash came before the result of the call, and the child goes on already.
      if (background?.isUnderWay(child.id)) return started(child, background)
      if (busy.has(child.id)) throw isBusy(child.id)
      busy.add(child.id)
      try {
        const run = await beginChild(host, child, emit)
        if (!args.background || !background) return resultOf(child, await run(emit, context.signal))
        background.start(child, run)
        return started(child, background)
      } finally {
        busy.delete(child.id)
      }
    },
  })
  return { ...defined, validate: (args) => defined.validate(withKnownNames(args)) }
}

function started({ id, agent: { name } }: ChildTask, { children, offers }: Background): string {
  const waits = children.get(id)?.status === 'waiting'
  const about = { id, agent: name, ...(waits && { status: 'waiting' }) }
  const runs = waits ? 'It begins when another one has ended.' : 'It runs beside you.'
  const orWait = offers.await.length ? '; agent_await waits for it' : ''
  return `${openTag('agent_started', about, true)}\n${runs} You are told when it ends${orWait}.`
}

function freeId(wanted: string, { state }: ChildHost, given: ReadonlySet<string>): string {
  const intended = [...state.intents.values()].flatMap(({ effects }) =>
    effects.map((effect) => ('detail' in effect ? effect.detail : undefined)),
  )
  const taken = (id: string): boolean =>
    given.has(id) || state.children.has(id) || intended.includes(id)
  for (let count = 1; ; count++) {
    const id = count === 1 ? wanted : `${wanted}.${count}`
    if (!taken(id)) return id
  }
}

function resultOf({ kept, id }: ChildTask, result: SubagentResult): string | ToolResult {
  const text = taskResultText(result, kept ? id : undefined)
  return result.stopReason === 'complete' ? text : ToolResult.error(text)
}

async function childOf(
  host: ChildHost,
  catalog: AgentCatalog,
  { agent: name, prompt, session, background }: TaskArgs,
  context: ToolContext,
): Promise<ChildTask> {
  const agent = await resolveAgent(catalog, name)
  const [effect] = context.effects
  const id = effect?.kind === 'spawn' ? (effect.detail ?? '') : ''
  const mode = session?.mode ?? defaultMode(host)
  const { callId, signal } = context
  const from = session?.id
  const found =
    mode === 'resume' || mode === 'fork'
      ? await findSession(host, { mode, agent: name, id: from, callId, signal })
      : {}
  return {
    id,
    agent,
    task: prompt,
    call: callId,
    // A background child is asked for after its call is over.
    kept: mode !== 'stateless' || background === true,
    ...(found.history && { history: found.history }),
    ...(mode === 'resume' && found.stored && { stored: found.stored }),
    ...(mode === 'fork' && from !== undefined && { from }),
    ...(background && { background }),
  }
}

function defaultMode({ start }: ChildHost): SubagentSessionMode {
  return start.options.subagentSessions?.defaultMode ?? 'stateless'
}

/** Other systems' names of the arguments. */
function withKnownNames(args: Json): Json {
  if (!isJsonObject(args) || args['agent'] !== undefined) return args
  const { agent_type, subagent_type, ...rest } = args
  const agent = agent_type ?? subagent_type
  return agent === undefined ? args : { ...rest, agent }
}

function description(
  agents: readonly { readonly name: string; readonly description: string }[],
): string {
  const lines = agents.map((agent) => `- ${agent.name}: ${agent.description}`)
  return `Gives a task to another agent, which works on it with a conversation of its own and returns its answer. It knows nothing of this conversation: say all that it needs. Several calls in one answer run side by side.\n\nAgents:\n${lines.join('\n')}`
}

function parameters(
  names: readonly string[],
  { background, usual }: { readonly background: boolean; readonly usual: SubagentSessionMode },
): { [key: string]: Json } {
  return {
    type: 'object',
    properties: {
      agent: { type: 'string', enum: names },
      prompt: { type: 'string', minLength: 1, description: 'The task, complete.' },
      description: { type: 'string', description: 'The task in three to five words, for people.' },
      session: {
        type: 'object',
        description: `stateless: forgotten afterwards. new: can be gone on with by its session_id. resume: goes on with session id. fork: begins with a copy of it. Default: ${usual}.`,
        properties: {
          mode: { type: 'string', enum: ['stateless', 'new', 'resume', 'fork'] },
          id: { type: 'string' },
        },
        required: ['mode'],
        additionalProperties: false,
      },
      ...(background && {
        background: {
          type: 'boolean',
          description: 'Run beside you: the call returns at once, and you are told when it ends.',
        },
      }),
    },
    required: ['agent', 'prompt'],
    additionalProperties: false,
  }
}
