import { untilAborted } from '../abort.ts'
import type { CallEstimate } from '../budget/ledger.ts'
import type { Batch, PermissionDecisionEvent, PermissionRequestEvent } from '../events.ts'
import type { Answer } from '../permission/answer.ts'
import type { ChildHost } from './child-run.ts'

/**
 * Before a model call that the budget has no room for: asks whoever answers permissions whether the limit may be raised, by as much again
 * as it was, so often as it takes. The answer is on record with the new limit, and a resumed run keeps it. Whoever does not allow it leaves
 * the limit as it is, and the call is refused. Those who share the ledger wait for the answer to one question, and take it as theirs.
 */
export async function* askForBudget(
  host: ChildHost,
  estimate: () => CallEstimate,
): AsyncGenerator<Batch, void, undefined> {
  const { ledger, start, signal } = host
  if (start.options.budget?.onExceeded !== 'ask' || !ledger.refusal(estimate())) return
  const done = await ledger.questions.turn(signal)
  try {
    yield* askInTurn(host, estimate)
  } finally {
    done()
  }
}

async function* askInTurn(
  { ledger, start, signal, state, agentPath }: ChildHost,
  estimate: () => CallEstimate,
): AsyncGenerator<Batch, void, undefined> {
  for (let count = 1; ; count++) {
    const refused = ledger.refusal(estimate())
    if (!refused || ledger.questions.wasDenied(refused)) return
    const { kind, used, limit, raiseTo } = refused
    const request: PermissionRequestEvent = {
      type: 'permission_request',
      id: `budget-${state.turn + 1}.${count}`,
      tool: 'budget',
      args: { kind, used, limit, raiseTo },
      effects: [],
      reason: `${refused.message} Raise the limit to ${raiseTo}?`,
    }
    const asked = { ...request, ...(agentPath.length && { agentPath }) }
    start.expect(asked)
    yield [request]
    const answer = await untilAborted(start.ask(asked), signal)
    signal.throwIfAborted()
    const decision = decisionOf(request.id, answer ?? null)
    const allowed = decision.decision === 'allow'
    yield [allowed ? { ...decision, limits: { [kind]: raiseTo } } : decision]
    if (!allowed) return ledger.questions.denied(refused)
    ledger.raise(kind, raiseTo)
  }
}

function decisionOf(id: string, answer: Answer | null): PermissionDecisionEvent {
  const decision = answer?.decision === 'allow' ? 'allow' : 'deny'
  const message = answer?.message === undefined ? {} : { message: answer.message }
  const by = answer ? (answer.by ?? 'user') : 'nobody'
  return { type: 'permission_decision', id, decision, tier: 'mode', by, ...message }
}
