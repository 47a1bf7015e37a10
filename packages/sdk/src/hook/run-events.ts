import {
  HarnextError,
  textOf,
  type CompactionHookView,
  type HookView,
  type Hooks,
  type Message,
  type RunHookView,
  type RunResult,
} from '@harnext/core'
import type { HookHost } from './shell-hooks.ts'
import { agentFacts, agentType } from './tool-events.ts'

/** How long the end of a run that was cancelled may take, in milliseconds. */
const CANCELLED_END_MS = 1000
const goOnText = 'A hook wants you to go on: '

/** Around a run: SessionStart, UserPromptSubmit, PreCompact, Stop, SubagentStop, SessionEnd. */
export function runEvents(host: HookHost): Hooks {
  const has = (...events: HookHost['events']): boolean =>
    events.some((event) => host.events.includes(event))
  return {
    ...(has('SessionStart', 'UserPromptSubmit') && { beforeRun: (view) => beforeRun(host, view) }),
    ...(has('PreCompact') && { beforeCompaction: (view) => beforeCompaction(host, view) }),
    ...(has('Stop', 'SubagentStop') && { beforeEnd: (view) => beforeEnd(host, view) }),
    afterTurn({ sessionId }) {
      const { stop } = host.notes.of(sessionId)
      if (stop !== undefined)
        throw new HarnextError(`A hook ended the run: ${stop}`, { code: 'hook_stopped' })
    },
    afterRun: (result) => afterRun(host, result),
  }
}

async function beforeRun(
  { runner }: HookHost,
  { sessionId, messages, input, signal }: RunHookView,
): Promise<{ readonly deny: string } | { readonly context: string } | undefined> {
  const source = messages.length ? 'resume' : 'startup'
  const about = { sessionId, signal }
  const begun = await runner.emit({
    ...about,
    event: 'SessionStart',
    subject: [source],
    facts: () => ({ source }),
  })
  if (begun.stop !== undefined) return { deny: begun.stop }
  const prompt = input.map(({ content }) => textOf(content)).join('\n')
  const asked = await runner.emit({
    ...about,
    event: 'UserPromptSubmit',
    facts: () => ({ prompt }),
  })
  const deny = asked.stop ?? asked.block
  if (deny !== undefined) return { deny }
  const contexts = [begun.context, asked.context].filter((text) => text !== undefined)
  return contexts.length ? { context: contexts.join('\n') } : undefined
}

async function beforeCompaction(
  { runner, notes }: HookHost,
  { sessionId, signal, trigger, focus = '', agentPath }: CompactionHookView,
): Promise<{ readonly deny: string } | { readonly focus: string } | undefined> {
  const said = await runner.emit({
    event: 'PreCompact',
    sessionId,
    signal,
    subject: [trigger],
    facts: () => ({ ...agentFacts(agentPath), trigger, custom_instructions: focus }),
  })
  if (said.stop !== undefined) notes.of(sessionId).stop = said.stop
  const deny = said.stop ?? said.block
  if (deny !== undefined) return { deny }
  if (said.context === undefined) return undefined
  return { focus: focus ? `${focus}\n${said.context}` : said.context }
}

async function beforeEnd(
  { runner, notes }: HookHost,
  { sessionId, signal, messages, agentPath }: HookView,
): Promise<{ readonly goOn: string } | undefined> {
  const child = agentPath.at(-1)
  const last = messages.at(-1)
  const said = await runner.emit({
    event: child !== undefined ? 'SubagentStop' : 'Stop',
    sessionId,
    signal,
    ...(child !== undefined && { subject: [agentType(child)] }),
    facts: () => ({
      ...agentFacts(agentPath),
      stop_hook_active: wentOn(messages),
      last_assistant_message: last ? textOf(last.content) : '',
    }),
  })
  if (said.stop !== undefined) {
    // The end of a child is not that of the run.
    if (child !== undefined) notes.of(sessionId).stop = said.stop
    return undefined
  }
  return said.block === undefined ? undefined : { goOn: `${goOnText}${said.block}` }
}

/** Whether the model is at work because a hook wanted it, and not for what a person said last. */
function wentOn(messages: readonly Message[]): boolean {
  const said = messages.findLast(
    (message) => message.role === 'user' && (message.origin ?? 'user') !== 'summary',
  )
  return said !== undefined && textOf(said.content).startsWith(goOnText)
}

async function afterRun(
  { runner, notes }: HookHost,
  { sessionId, stopReason, cancelled, text }: RunResult,
): Promise<void> {
  await notes.close(sessionId)
  const signal = cancelled ? AbortSignal.timeout(CANCELLED_END_MS) : new AbortController().signal
  try {
    await runner.emit({
      event: 'SessionEnd',
      sessionId,
      signal,
      subject: [stopReason],
      facts: () => ({ reason: stopReason, last_assistant_message: text }),
    })
  } catch (error) {
    if (!signal.aborted) throw error
    const message = 'A SessionEnd hook was ended: the run was cancelled.'
    runner.warnings.push({ code: 'hook', message })
  }
}
