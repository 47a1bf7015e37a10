import { agentLoops } from './agent-loops.mjs'

/** An agent without a store: the loop alone. */
export const load = () => agentLoops(() => ({}))
