import { createLedger } from '../budget/ledger.ts'
import { isCompaction, type CompactionEvent } from '../context/compaction.ts'
import { ConfigError, SessionNotFound } from '../errors.ts'
import type { HookEvent } from '../run/hooks.ts'
import type { RunUsage } from '../run/result.ts'
import { openCalls, reduce } from '../run/state.ts'
import { Session } from '../session/session.ts'
import { totalTokens } from '../tokens.ts'
import { addUsage, zeroUsage, type Usage } from '../usage.ts'
import { cacheWatchOf, compactionOf } from './compaction-of.ts'
import { inMode, type AgentOptions } from './options.ts'
import { promptOf } from './prompt.ts'
import { requests } from './request.ts'

/** What was done, and what the summary has used and cost: nothing where no model wrote it. */
export interface SessionCompaction extends CompactionEvent {
  readonly usage: RunUsage
}

/**
 * Shortens what the model will see of a session from now on, and puts it on record; nothing else of a run takes place. `null` where
 * nothing can be left out. Throws `SessionNotFound`, `SessionLocked`, and `ConfigError` for a session with a call that has no outcome.
 */
export async function compactSession(
  options: AgentOptions,
  sessionId: string,
  { focus, signal }: { readonly focus: string | undefined; readonly signal: AbortSignal },
): Promise<SessionCompaction | null> {
  const { store, budget = {}, name } = options
  if (!store) throw new SessionNotFound(sessionId, 'an agent without a store')
  const session = await Session.open(store, sessionId, { owner: name, clock: Date.now })
  try {
    const { state } = session
    if (openCalls(state).length)
      throw new ConfigError(
        `Session ${sessionId} has a call without an outcome: resume it, then compact it.`,
      )
    const nothing = { usd: 0, tokens: 0, toolCalls: 0, durationMs: 0 }
    const prompt = state.prompt ?? (await promptOf(options, state))
    const requestFor = requests(options, { sessionId }, undefined)
    const { beforeModel: cacheBreaks } = cacheWatchOf(options, state, { prompt, requestFor })
    const compaction = compactionOf(
      {
        options: { ...inMode(options, state.permissionMode), compaction: options.compaction || {} },
      },
      state,
      {
        ledger: createLedger(budget, nothing, () => performance.now()),
        signal,
        prompt,
        requestFor,
        sessionId,
        agentPath: [],
      },
    )
    const events = (await compaction?.compact(focus)) ?? []
    for (const event of events) reduce(state, event)
    await session.append([...events, ...cacheBreaks()])
    const done = events.find(isCompaction)
    return done ? { ...done, usage: usageOf(events) } : null
  } finally {
    await session.close()
  }
}

function usageOf(events: readonly HookEvent[]): RunUsage {
  const usage = events.reduce<Usage>(
    (sum, event) => (event.type === 'usage' ? addUsage(sum, event) : sum),
    zeroUsage,
  )
  return { ...usage, totalTokens: totalTokens(usage) }
}
