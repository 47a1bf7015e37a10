/** By the name that the worker is given. Only the one that is measured is loaded. */
export const contestants = {
  'bare-sdk': async () => (await import('./bare-sdk.mjs')).load(),
  agent: async () => (await import('./agent.mjs')).load(),
  'agent-durable': async () => (await import('./agent-durable.mjs')).load(),
}
