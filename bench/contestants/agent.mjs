import { agentLoops } from './agent-loops.mjs'

/**
 * An agent without a store: the loop alone.
 * @param {import('./adapters.mjs').MakeAdapter} makeAdapter
 */
export const load = (makeAdapter) => agentLoops(makeAdapter, () => ({}))
