/** What hooks said in a run that matters later in it. */
interface Notes {
  stop?: string
  /** Calls that a hook has permitted, by their keys. */
  readonly allowed: Set<string>
  /** What is to be said with the result of a call. */
  readonly contexts: Map<string, string>
  readonly notifying: AbortController
  readonly notifications: Set<Promise<unknown>>
}

/** The notes of each run that is under way, by its session. */
export class RunNotes {
  readonly #all = new Map<string, Notes>()

  of(sessionId: string): Notes {
    const found = this.#all.get(sessionId)
    if (found) return found
    const notes: Notes = {
      allowed: new Set(),
      contexts: new Map(),
      notifying: new AbortController(),
      notifications: new Set(),
    }
    this.#all.set(sessionId, notes)
    return notes
  }

  /** Ends what notifications still run. */
  async close(sessionId: string): Promise<void> {
    const notes = this.#all.get(sessionId)
    this.#all.delete(sessionId)
    notes?.notifying.abort()
    if (notes) await Promise.all(notes.notifications)
  }
}

export interface CallName {
  readonly id: string
  readonly agentPath?: readonly string[]
}

export function callKey({ id, agentPath = [] }: CallName): string {
  return [...agentPath, id].join('/')
}
