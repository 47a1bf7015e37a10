import { ConfigError, HarnextError, type Awaitable, type SubagentSessions } from '@harnext/core'
import {
  prepareHistory,
  tellHooks,
  type SubagentModel,
  type SubagentSessionOptions,
} from './subagent-history.ts'
import type { SessionStore } from './with-persistence.ts'

/** What is known of a subagent's session beside its messages. */
export interface SubagentSessionMetadata {
  readonly sessionId: string
  /** Nobody else may go on with it. */
  readonly agentName: string
}

/** Where it is kept. */
export interface SubagentSessionMetadataStore {
  load(sessionId: string): Awaitable<SubagentSessionMetadata | null | undefined>
  save(metadata: SubagentSessionMetadata): Awaitable<void>
  delete?(sessionId: string): Awaitable<void>
}

export interface SubagentSessionsConfig {
  /** The conversations, by their ids. Any agent and process over the same store can go on with them. */
  readonly messages: SessionStore
  /** @default the name in the id says whose a session is */
  readonly metadata?: SubagentSessionMetadataStore
  /** For tasks that do not say. @default 'stateless' */
  readonly defaultMode?: 'stateless' | 'new'
  /**
   * Holds for all subagents. `compactionStrategy`, `shouldCompact` and the hooks are for sessions that are kept; `onError` is told of a
   * failure, which the parent sees whatever it says.
   */
  readonly sessionOptions?: SubagentSessionOptions
}

/** `agentOf`: the subagent of a name. Throws `ConfigError` for a mode that needs an id. */
export function toSubagentSessions(
  { messages, metadata, defaultMode = 'stateless', sessionOptions = {} }: SubagentSessionsConfig,
  agentOf: (name: string) => Awaitable<SubagentModel | null | undefined>,
): SubagentSessions {
  if (defaultMode !== 'stateless' && defaultMode !== 'new')
    throw new ConfigError(
      `subagentSessions.defaultMode is stateless or new; got ${JSON.stringify(defaultMode)}.`,
    )
  return {
    defaultMode,
    async load(id) {
      const kept = await messages.load(id)
      if (!kept) return null
      const { agentName } = (await metadata?.load(id)) ?? { agentName: nameIn(id) }
      return { agent: agentName, messages: kept }
    },
    async prepare(session, signal) {
      const agent = await agentOf(session.agent)
      return agent
        ? prepareHistory(session.messages, { ...sessionOptions, agent }, signal)
        : session.messages
    },
    async save(id, session, before, ended) {
      const kept = await messages.load(id)
      if (JSON.stringify(kept ?? null) !== JSON.stringify(before?.messages ?? null))
        throw new HarnextError('somebody else went on with it at the same time.', {
          code: 'session_locked',
        })
      await metadata?.save({ sessionId: id, agentName: session.agent })
      await messages.save(id, session.messages)
      const from = before?.messages.length ?? 0
      await tellHooks(sessionOptions.hooks, { messages: session.messages, from, ended })
    },
  }
}

/** Of `name-run-turn`. */
function nameIn(id: string): string {
  return id.replace(/-[\da-f]{12}-[\d.]+$/, '')
}
