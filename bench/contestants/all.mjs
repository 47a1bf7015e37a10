import { adapters } from './adapters.mjs'

/** @typedef {import('./contestant.ts').MakeLoop} MakeLoop */
/** @typedef {keyof typeof adapters} Provider */

/** The vendors' APIs that are measured. */
export const providers = /** @type {Provider[]} */ (Object.keys(adapters))

/**
 * By the name that the worker is given. Only the one that is measured is loaded.
 * @type {{ readonly [name: string]: (provider: Provider) => Promise<MakeLoop> }}
 */
export const contestants = {
  'bare-sdk': async (provider) => (await import(`./bare-${provider}.mjs`)).load(),
  agent: async (provider) => (await import('./agent.mjs')).load(await adapters[provider]()),
  'agent-durable': async (provider) =>
    (await import('./agent-durable.mjs')).load(await adapters[provider]()),
}
