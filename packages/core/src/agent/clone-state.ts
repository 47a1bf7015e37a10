import type { RunState } from '../run/run-state.ts'

/** A state of its own with the same contents. Messages and events are frozen or never changed, so they are shared. */
export function cloneState(state: RunState): RunState {
  const { run, children } = state
  return {
    ...state,
    messages: [...state.messages],
    run: {
      ...run,
      reserved: [...run.reserved],
      unsettled: [...run.unsettled],
      steps: [...run.steps],
      changes: new Set(run.changes),
    },
    intents: new Map(state.intents),
    requests: new Map(state.requests),
    decisions: new Map(state.decisions),
    outcomes: new Map(state.outcomes),
    processes: new Map(state.processes),
    grants: [...state.grants],
    pruned: new Map(state.pruned),
    children: new Map([...children].map(([id, child]) => [id, cloneState(child)])),
  }
}
