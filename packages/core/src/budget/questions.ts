import { onAbort } from '../abort.ts'
import type { BudgetSnapshot } from '../errors.ts'

/** What is asked for one ledger, whoever shares it: one question at a time, and none again that was answered with no. */
export interface BudgetQuestions {
  /** Resolves when nobody else asks; what it gives ends the turn. Throws the signal's reason when it aborts. */
  turn(signal: AbortSignal): Promise<() => void>
  denied(question: BudgetSnapshot): void
  wasDenied(question: BudgetSnapshot): boolean
}

export function budgetQuestions(): BudgetQuestions {
  let last: Promise<void> = Promise.resolve()
  const refused = new Set<string>()
  return {
    async turn(signal) {
      const before = last
      const { promise, resolve } = Promise.withResolvers<void>()
      last = before.then(() => promise)
      const left = Promise.withResolvers<never>()
      const leave = onAbort(signal, () => left.reject(signal.reason))
      try {
        signal.throwIfAborted()
        await Promise.race([before, left.promise])
        return resolve
      } catch (error) {
        resolve()
        throw error
      } finally {
        leave()
      }
    },
    denied: (question) => void refused.add(keyOf(question)),
    wasDenied: (question) => refused.has(keyOf(question)),
  }
}

/** A limit that was raised since is another question. */
function keyOf({ kind, limit }: BudgetSnapshot): string {
  return `${kind} ${limit}`
}
