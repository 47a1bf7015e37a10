import type {
  AskHookView,
  Hooks,
  Json,
  JsonObject,
  PermissionAnswer,
  PermissionRequest,
  ToolHookCall,
  ToolResultLike,
  ToolVerdict,
} from '@harnext/core'
import { fieldInput, fieldName, ownInput } from './hook-payload.ts'
import type { HookVerdict } from './hook-runner.ts'
import { callKey, type CallName } from './run-notes.ts'
import type { HookHost } from './shell-hooks.ts'

/** Around the calls of tools: PreToolUse, PermissionRequest, Notification, PostToolUse. */
export function toolEvents(host: HookHost): Hooks {
  const has = (...events: HookHost['events']): boolean =>
    events.some((event) => host.events.includes(event))
  return {
    ...(has('PreToolUse', 'PostToolUse', 'SubagentStop', 'PermissionRequest') && {
      beforeTool: (call) => beforeTool(host, call),
    }),
    ...(has('PreToolUse', 'PostToolUse') && {
      afterTool: (call, result) => afterTool(host, call, result),
    }),
    ...(has('PreToolUse', 'PermissionRequest', 'Notification') && {
      beforeAsk: (request, about) => beforeAsk(host, request, about),
    }),
  }
}

async function beforeTool(host: HookHost, call: ToolHookCall): Promise<ToolVerdict | undefined> {
  const { runner, notes, cwd } = host
  const { sessionId, signal } = call
  const noted = notes.of(sessionId)
  if (noted.stop !== undefined) return { deny: noted.stop }
  const changedArgs = ({ args }: HookVerdict): Json =>
    args ? ownInput(call.tool, args, call.args, cwd) : call.args
  const said = await runner.emit({
    event: 'PreToolUse',
    sessionId,
    signal,
    subject: namesOf(call.tool),
    facts: (changed) =>
      callFacts(host, { ...call, args: changedArgs(changed ? { args: changed } : {}) }),
  })
  if (said.stop !== undefined) noted.stop = said.stop
  const deny = said.stop ?? said.block
  if (deny !== undefined) return { deny }
  if (said.context !== undefined) noted.contexts.set(callKey(call), said.context)
  if (said.permission === 'allow') noted.allowed.add(callKey(call))
  const args = said.args && { args: changedArgs(said) }
  if (said.permission === 'ask')
    return { ...args, ask: said.reason ?? 'A hook wants a person to decide.' }
  return args
}

async function afterTool(
  { runner, notes, cwd }: HookHost,
  call: ToolHookCall,
  result: ToolResultLike,
): Promise<ToolResultLike | undefined> {
  const { sessionId, signal } = call
  const noted = notes.of(sessionId)
  const before = noted.contexts.get(callKey(call))
  noted.contexts.delete(callKey(call))
  let said: HookVerdict = {}
  try {
    const { output, isError } = result
    said = await runner.emit({
      event: 'PostToolUse',
      sessionId,
      signal,
      subject: namesOf(call.tool),
      facts: () => ({
        ...callFacts({ cwd }, call),
        tool_response: output,
        is_error: isError,
      }),
    })
  } catch (error) {
    // The tool has run: that its run was cancelled meanwhile does not take its result away.
    if (!signal.aborted) throw error
  }
  if (said.stop !== undefined) noted.stop = said.stop
  const texts = [before, said.context, said.block].filter((text) => text !== undefined)
  return texts.length ? withText(result, `A hook says: ${texts.join('\n')}`) : undefined
}

/** What PreToolUse permitted needs no further answer; nobody hears of it who is asked later, while the call runs. */
async function beforeAsk(
  host: HookHost,
  request: PermissionRequest,
  { sessionId, signal }: AskHookView,
): Promise<PermissionAnswer | undefined> {
  const { runner, notes, cwd, asks } = host
  const noted = notes.of(sessionId)
  if (noted.allowed.delete(callKey(request))) return 'allow'
  const said = await runner.emit({
    event: 'PermissionRequest',
    sessionId,
    signal,
    subject: namesOf(request.tool),
    facts: () => ({ ...callFacts({ cwd }, request), reason: request.reason }),
  })
  if (said.stop !== undefined) noted.stop = said.stop
  const message = said.stop ?? said.block
  if (message !== undefined) return { decision: 'deny', message }
  if (said.permission === 'allow') {
    const args = said.args && ownInput(request.tool, said.args, request.args, cwd)
    return { decision: 'allow', ...(args && { args }) }
  }
  if (asks) notify(host, request, sessionId)
  return undefined
}

/** Nobody waits for it; the run's end does. */
function notify(
  { runner, notes, cwd }: HookHost,
  request: PermissionRequest,
  sessionId: string,
): void {
  const { notifying, notifications } = notes.of(sessionId)
  const { signal } = notifying
  const running = runner
    .emit({
      event: 'Notification',
      sessionId,
      signal,
      subject: ['permission_prompt'],
      facts: () => ({
        ...callFacts({ cwd }, request),
        notification_type: 'permission_prompt',
        message: `harnext needs your permission to use ${fieldName(request.tool)}`,
      }),
    })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    .finally(() => notifications.delete(running))
  notifications.add(running)
}

function namesOf(tool: string): readonly string[] {
  return [tool, fieldName(tool)]
}

function callFacts(
  { cwd }: Pick<HookHost, 'cwd'>,
  call: CallName & { readonly tool: string; readonly args: Json },
): JsonObject {
  return {
    tool_name: fieldName(call.tool),
    tool_input: fieldInput(call.tool, call.args, cwd),
    tool_use_id: call.id,
    ...agentFacts(call.agentPath),
  }
}

/** Of a subagent: who it is. */
export function agentFacts(agentPath: readonly string[] = []): JsonObject {
  const id = agentPath.at(-1)
  return id === undefined ? {} : { agent_id: id, agent_type: agentType(id) }
}

/** The agent of a child's id, as `general-2.1`. */
export function agentType(id: string): string {
  return id.replace(/-\d+(\.\d+)?$/, '')
}

function withText(result: ToolResultLike, text: string): ToolResultLike {
  const { output, content } = result
  const before = typeof output === 'string' ? output : JSON.stringify(output)
  return {
    ...result,
    output: `${before}\n\n${text}`,
    ...(content && { content: [...content, { type: 'text', text }] }),
  }
}
