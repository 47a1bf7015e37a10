import { newAborter } from '../abort.ts'
import type { Ledger } from '../budget/ledger.ts'
import { HarnextError } from '../errors.ts'
import type { Batch, SubagentResult } from '../events.ts'
import type { Check, CheckEvidence, Verification, VerificationEvent } from '../run/verification.ts'
import { merge, type Merge } from '../tool/concurrency.ts'
import type { AgentDefinition } from './agent-definition.ts'
import { checksAdapter, checkTools } from './check-tools.ts'
import { beginChild, type ChildHost, type ChildTask } from './child-run.ts'
import { inputEvents } from './input.ts'

const DEFAULT_ROUNDS = 3

/**
 * Has every check run on the last answer, unless the log says that they did, and puts on record how they came out. Where one failed, the
 * model is told, so often as `maxCheckRounds` says.
 *
 * A round is a child run whose model is the list of checks: permissions, records, crashes and cancelling are those of any other call.
 */
export async function* verify(host: ChildHost): AsyncGenerator<Batch, void, undefined> {
  const { state, start, signal } = host
  const { checks = [], maxCheckRounds = DEFAULT_ROUNDS } = start.options
  const last = state.run.verification
  const { turn } = state
  if (!checks.length) return
  // A log may have been cut behind what was found.
  if (last?.turn === turn) return yield* goOn(last, maxCheckRounds)
  const round = (last?.round ?? 0) + 1
  const aborter = newAborter(signal)
  const events = merge(aborter.abort)
  const ended = runChecks(host, checks, { events, signal: aborter.signal, id: `checks-${turn}` })
  try {
    events.add(ended.then(() => {}).catch(() => {}))
    yield* events.drain()
  } finally {
    aborter.unlink()
  }
  const found = evidenceIn((await ended).text)
  signal.throwIfAborted()
  const verification = verdictOf(found, checks.length)
  const event = { type: 'verification', round, turn, verification, checks: found } as const
  yield [event]
  yield* goOn(event, maxCheckRounds)
}

function* goOn(
  { verification, round, checks }: VerificationEvent,
  maxCheckRounds: number,
): Generator<Batch, void, undefined> {
  if (verification === 'failed' && round <= maxCheckRounds)
    yield inputEvents(failureText(checks), 'reminder')
}

async function runChecks(
  host: ChildHost,
  checks: readonly Check[],
  {
    events,
    signal,
    id,
  }: { readonly events: Merge; readonly signal: AbortSignal; readonly id: string },
): Promise<SubagentResult> {
  const { state } = host
  const tools = checkTools(checks, host.tools, () => ({ messages: [...state.messages] }))
  const agent: AgentDefinition = {
    name: 'checks',
    description: 'Runs the checks.',
    adapter: checksAdapter(checks),
    model: 'checks',
    systemPrompt: 'Runs the checks.',
    // One for each, one for what came of them, and none is the last one that a notice would be for.
    maxTurns: checks.length + 2,
  }
  const task: ChildTask = { id, agent, task: 'Run the checks.', call: '', kept: false }
  try {
    const run = await beginChild(quiet({ ...host, tools, signal }), task, events.emit)
    return await run(events.emit, signal)
  } catch (error) {
    if (!(HarnextError.is(error) && error.code === 'paused')) throw error
    // Nobody waits for the answer: the run ends, unverified.
    const result = {
      agent: agent.name,
      stopReason: 'paused',
      text: '',
      turns: 0,
      toolCalls: 0,
    } as const
    await events.emit({ type: 'subagent_end', id, result })
    return result
  }
}

/** Checks cost nothing, say nothing to a model, and are not checked themselves. What guards calls stays. */
function quiet(host: ChildHost): ChildHost {
  const {
    agents: _agents,
    budget: _budget,
    checks: _checks,
    appendSystemPrompt: _append,
    hooks = {},
    ...options
  } = host.start.options
  const { beforeTool, afterTool, beforeAsk } = hooks
  return {
    ...host,
    ledger: free,
    start: {
      ...host.start,
      options: {
        ...options,
        compaction: false,
        instructions: false,
        hooks: {
          ...(beforeTool && { beforeTool }),
          ...(afterTool && { afterTool }),
          ...(beforeAsk && { beforeAsk }),
        },
      },
    },
  }
}

const free: Ledger = {
  reserve: ({ maxOutputTokens }) =>
    Promise.resolve({
      usd: 0,
      reservation: {},
      maxOutputTokens,
      settle: () => Promise.resolve([]),
    }),
  refusal: () => null,
  raise: () => {},
  spend: () => {},
  refuseCall: () => null,
  questions: {
    turn: () => Promise.resolve(() => {}),
    denied: () => {},
    wasDenied: () => false,
  },
}

/** What `checksAdapter` said last; nothing where the round did not get there. */
function evidenceIn(text: string): readonly CheckEvidence[] {
  return text.startsWith('[') ? (JSON.parse(text) as readonly CheckEvidence[]) : []
}

function verdictOf(found: readonly CheckEvidence[], count: number): Verification {
  if (found.some(({ status }) => status === 'failed')) return 'failed'
  const passed = found.length === count && found.every(({ status }) => status === 'passed')
  return passed ? 'passed' : 'unverified'
}

function failureText(found: readonly CheckEvidence[]): string {
  const failed = found.filter(({ status }) => status === 'failed')
  const texts = failed.map(({ check, output }) => `${check}\n${output}`)
  return `You said that you are done, but this does not hold yet:\n\n${texts.join('\n\n')}\n\nFix the cause, then finish again. Do not change what is checked to make it pass.`
}
