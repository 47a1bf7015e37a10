import {
  addUsage,
  asHarnextError,
  textOf,
  totalTokens,
  zeroUsage,
  type LoadedSession,
  type Message,
  type RunStopReason,
  type ToolMessage,
  type Usage,
} from '@harnext/core'
import { hasOpenRun } from '../sessions.ts'
import { callText } from './call-text.ts'
import type { Style } from './style.ts'
import { costText, countText, plural } from './units.ts'
import { visibleLine } from './visible.ts'

/** Lines of a call's outcome. */
const outcomeLines = 12
const lineLength = 200

/** A session as `sessions show --output-format json` gives it. */
export interface SessionReport {
  readonly id: string
  readonly cwd: string
  readonly createdAt: string
  /** `open`: its last run goes on when it is resumed. */
  readonly state: 'open' | 'complete'
  /** Of the last run; absent when that was interrupted. */
  readonly stopReason?: RunStopReason
  /** Of all its runs. */
  readonly usage: Usage & { readonly totalTokens: number }
  readonly messages: readonly Message[]
  /** An error record: the log cannot be read beyond this. */
  readonly damaged?: unknown
  /** Bytes of an interrupted write at the end of the log. */
  readonly tornBytes?: number
}

export function sessionReport(session: LoadedSession): SessionReport {
  const { header, state, damaged, tornBytes } = session
  const { id, cwd, createdAt } = header
  const usage = usageOf(session)
  const stopReason = lastStop(session)
  return {
    id,
    cwd,
    createdAt,
    state: hasOpenRun(state) ? 'open' : 'complete',
    ...(stopReason && { stopReason }),
    usage: { ...usage, totalTokens: totalTokens(usage) },
    messages: state.messages,
    ...(damaged && { damaged: asHarnextError(damaged).toJSON() }),
    ...(tornBytes !== undefined && { tornBytes }),
  }
}

/** The conversation, its cost and its state, for a person. Of one that is not whole, what there is, and how to see the rest. */
export function conversationLines(
  session: LoadedSession & { readonly isWhole: boolean },
  style: Style,
  program: string,
): readonly string[] {
  const { isWhole } = session
  const report = sessionReport(session)
  const { id, cwd, createdAt, usage, messages } = report
  const outcomes = outcomesOf(session, messages)
  const rest = `… only its last ${plural(messages.length, 'message')}; ${program} sessions show ${id} --all shows all`
  const cost = `; ${plural(usage.totalTokens, 'token')}, ${costText(usage.costUsd)}`
  return [
    `${style.bold(`session ${id}`)} ${style.dim(`in ${cwd}, begun ${createdAt}`)}`,
    ...(isWhole ? [] : ['', style.dim(rest)]),
    ...messages.flatMap((message, index) => messageLines(message, index, outcomes, style)),
    '',
    style.dim(`${stateText(report)}${isWhole ? cost : ''}`),
    ...(report.state === 'open' ? [style.plain(`Go on: ${program} -r ${id}`)] : []),
  ]
}

/** An outcome by the place of the message that asked for the call, and the id, which may come again in a later turn. */
type Outcomes = ReadonlyMap<string, Pick<ToolMessage, 'status' | 'content'>>

function outcomesOf({ state }: LoadedSession, messages: readonly Message[]): Outcomes {
  const outcomes = new Map<string, Pick<ToolMessage, 'status' | 'content'>>()
  let asked = 0
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') asked = index
    else if (message.role === 'tool') outcomes.set(`${asked} ${message.id}`, message)
  }
  // These wait for an earlier call of their turn.
  for (const [id, { message }] of state.outcomes) outcomes.set(`${asked} ${id}`, message)
  return outcomes
}

function messageLines(
  message: Message,
  index: number,
  outcomes: Outcomes,
  style: Style,
): readonly string[] {
  switch (message.role) {
    case 'user':
      return ['', style.bold(whoSpeaks(message.origin)), ...partLines(message.content, style)]
    case 'assistant': {
      const text = textOf(message.content)
      const calls = message.content.filter((part) => part.type === 'tool_call')
      return [
        '',
        style.bold(`${message.provider}/${message.model}`),
        ...(text === '' ? [] : [style.plain(text.trimEnd())]),
        ...calls.flatMap(({ id, tool, args }) => {
          const outcome = outcomes.get(`${index} ${id}`)
          const name = `${style.bold(tool)} ${visibleLine(callText(args), lineLength)}`
          return [`${style.dim('>')} ${name.trimEnd()}`, ...outcomeText(outcome, style)]
        }),
      ]
    }
    case 'tool':
      return []
  }
}

function whoSpeaks(origin: Extract<Message, { readonly role: 'user' }>['origin']): string {
  return origin === undefined || origin === 'user' ? 'you' : origin
}

function partLines(
  content: Extract<Message, { readonly role: 'user' }>['content'],
  style: Style,
): readonly string[] {
  return content.map((part) =>
    part.type === 'text' ? style.plain(part.text.trimEnd()) : style.dim(`[${part.type}]`),
  )
}

function outcomeText(
  outcome: Pick<ToolMessage, 'status' | 'content'> | undefined,
  style: Style,
): readonly string[] {
  if (!outcome) return [style.yellow('  no outcome yet')]
  const { status, content } = outcome
  const lines = textOf(content).trimEnd().split('\n')
  const shown = lines.slice(0, outcomeLines).map((line) => style.dim(`  ${cutEnd(line)}`))
  const rest = lines.length - outcomeLines
  return [
    status === 'ok' ? style.dim('  ok') : style.yellow(`  ${status}`),
    ...shown,
    ...(rest > 0 ? [style.dim(`  … ${plural(rest, 'more line')}`)] : []),
  ]
}

/** Unlike a line that only informs, this one keeps its indentation. */
function cutEnd(line: string): string {
  return line.length > lineLength
    ? `${line.slice(0, lineLength)}… (${countText(line.length)} characters)`
    : line
}

function usageOf({ events }: LoadedSession): Usage {
  let sum: Usage = zeroUsage
  for (const event of events) if (event.type === 'usage') sum = addUsage(sum, event)
  return sum
}

function lastStop({ events }: LoadedSession): RunStopReason | undefined {
  const last = events.findLast(
    (event) =>
      !event.agentPath?.length &&
      (event.type === 'run_end' || event.type === 'run_start' || event.type === 'run_resumed'),
  )
  return last?.type === 'run_end' ? last.stopReason : undefined
}

function stateText({ state, stopReason }: SessionReport): string {
  if (state === 'complete')
    return stopReason === undefined || stopReason === 'complete'
      ? 'complete'
      : `over (${stopReason})`
  return stopReason === undefined ? 'open: the run has no end on record' : `open (${stopReason})`
}
