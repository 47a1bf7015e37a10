import { toolDescription, toolName, toolSchema } from './tool.mjs'

/** @typedef {{ store?: import('@harnext/core').SessionStore, remove?: () => void }} Keeping */

/**
 * Loops of harnext as an embedder writes them: the packages as they are published, and a reader of all events.
 * @param {import('./adapters.mjs').MakeAdapter} makeAdapter
 * @param {() => Keeping} keep called for each loop
 * @returns {Promise<import('./contestant.ts').MakeLoop>}
 */
export async function agentLoops(makeAdapter, keep) {
  const { Agent, tool } = await import('@harnext/core')
  /** @type {Map<string, import('@harnext/core').ProviderAdapter>} */
  const adapters = new Map()
  return ({ baseURL, execute, onText }) => {
    const { store, remove } = keep()
    let adapter = adapters.get(baseURL)
    if (!adapter) adapters.set(baseURL, (adapter = makeAdapter(baseURL)))
    const noop = tool({
      name: toolName,
      description: toolDescription,
      parameters: toolSchema,
      effects: () => [],
      execute,
    })
    const agent = new Agent({
      name: 'bench',
      adapter,
      model: 'fake',
      tools: [noop],
      permissionMode: 'bypass',
      instructions: false,
      maxTurns: 1_000_000,
      ...(store && { store }),
    })
    return {
      async run(prompt) {
        const run = agent.run([], prompt)
        for await (const event of run) if (event.type === 'text') onText?.(event.text)
        const { success, text, error } = await run.result
        if (!success) throw error ?? new Error('The run did not complete.')
        return text
      },
      async close() {
        await agent.close()
        remove?.()
      },
    }
  }
}
