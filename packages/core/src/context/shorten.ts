import type { Message } from '../messages.ts'
import type { HookEvent } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import { carriedTexts } from './carried.ts'
import type { CompactionEvent, CompactionHost } from './compaction.ts'
import { estimateTokens } from './estimate.ts'
import { cutIndex, resultsToPrune, tokensAfter, type PrunedResult } from './plan-compaction.ts'
import { SUMMARY_OUTPUT_TOKENS } from './summarise.ts'
import { writeSummary } from './write-summary.ts'

export interface Shortening {
  /** Tokens that the next request may have. */
  readonly room: number
  readonly keepTokens: number
  readonly window: number
  readonly focus: string | undefined
}

/** Tokens below which there is nothing to be divided. */
const LEAST_ROOM = 600

/** The events that bring the next request down to `room`, or as near as can be. Without a compaction where none would make it shorter. */
export async function shorten(
  host: CompactionHost,
  { room, keepTokens, window, focus }: Shortening,
): Promise<readonly HookEvent[]> {
  const before = host.estimate()
  const overhead = Math.max(0, before - sum(host.state.messages))
  const most = Math.max(LEAST_ROOM, room - overhead)
  const keep = Math.min(keepTokens, Math.floor(most / 3))
  const events: HookEvent[] = []
  const planned = await plan(host, { room: most, keep, window, focus, events })
  const after = (planned?.tokensAfter ?? Infinity) + overhead
  if (!planned || after >= before) return events
  const named = planned.pruned?.length ? await host.announce() : null
  return [
    ...events,
    { ...planned, tokensBefore: before, tokensAfter: after },
    ...(named ? [named] : []),
  ]
}

interface Plan {
  readonly room: number
  readonly keep: number
  readonly window: number
  readonly focus: string | undefined
  readonly events: HookEvent[]
}

/** The mildest of: taking out old results; a summary beside a shorter and shorter tail; taking out the results of the tail too. */
async function plan(
  host: CompactionHost,
  { room, keep, window, focus, events }: Plan,
): Promise<CompactionEvent | null> {
  const { messages } = host.state
  const names = handleNames(host.state)
  const old = resultsToPrune(messages, cutIndex(messages, keep), names)
  const pruned = event(messages, { replaced: 0, pruned: old, texts: [] })
  if (old.length && focus === undefined && pruned.tokensAfter <= room) return pruned
  const summaryTokens = Math.min(SUMMARY_OUTPUT_TOKENS, Math.floor(room / 4))
  const cut = cutFor(messages, { room, keep, focus, summaryTokens })
  const rest = resultsToPrune(messages, messages.length, names).filter(({ index }) => index >= cut)
  if (!cut) return rest.length ? event(messages, { replaced: 0, pruned: rest, texts: [] }) : null
  const summary = await writeSummary(host, messages.slice(0, cut), {
    focus,
    window,
    mostTokens: summaryTokens,
    events,
  })
  const texts = [summary, ...carriedTexts(messages, cut, Math.floor(room / 3))]
  const plain = event(messages, { replaced: cut, pruned: [], texts })
  return plain.tokensAfter <= room || !rest.length
    ? plain
    : event(messages, { replaced: cut, pruned: rest, texts })
}

/** Where the tail begins that leaves room for a summary and what stands beside it. 0: there is nothing before it. */
function cutFor(
  messages: readonly Message[],
  {
    room,
    keep,
    focus,
    summaryTokens,
  }: Pick<Plan, 'room' | 'keep' | 'focus'> & { readonly summaryTokens: number },
): number {
  let cut = 0
  for (let tail = keep; ; tail = Math.floor(tail / 2)) {
    cut = cutIndex(messages, tail)
    const texts = ['', ...carriedTexts(messages, cut, Math.floor(room / 3))]
    const { tokensAfter: tokens } = event(messages, { replaced: cut, pruned: [], texts })
    if (tail < 1 || (cut && tokens + summaryTokens <= room)) break
  }
  return cut || focus === undefined ? cut : Math.max(0, lastBoundary(messages))
}

function lastBoundary(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === 'assistant')
}

function event(
  messages: readonly Message[],
  {
    replaced,
    pruned,
    texts,
  }: {
    readonly replaced: number
    readonly pruned: readonly PrunedResult[]
    readonly texts: readonly string[]
  },
): CompactionEvent {
  const [summary = '', ...carried] = texts
  return {
    type: 'compaction',
    tokensBefore: 0,
    tokensAfter: tokensAfter(messages, { replaced, pruned, texts }),
    summary,
    replaced,
    ...(carried.length && { carried }),
    ...(pruned.length && { pruned }),
  }
}

/** A handle is never given twice, so that an earlier result stays readable. */
function handleNames({ pruned }: RunState): (index: number) => string {
  let count = [...pruned.keys()].reduce(
    (most, handle) => Math.max(most, Number(/^result_(\d+)$/.exec(handle)?.[1] ?? 0)),
    0,
  )
  return () => `result_${(count += 1)}`
}

export function sum(messages: readonly Message[]): number {
  return messages.reduce((tokens, message) => tokens + estimateTokens(message), 0)
}
