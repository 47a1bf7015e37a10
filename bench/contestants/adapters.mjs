// Adapters as a user makes them. Only the one that is measured is loaded.

/** @typedef {import('@harnext/core').ProviderAdapter} ProviderAdapter */
/** @typedef {(baseURL: string) => ProviderAdapter} MakeAdapter */

export const adapters = {
  /** @returns {Promise<MakeAdapter>} */
  async anthropic() {
    const { anthropic } = await import('@harnext/provider-anthropic')
    return (baseURL) => anthropic({ apiKey: 'k', baseURL })
  },
  /** @returns {Promise<MakeAdapter>} */
  async openai() {
    const { openai } = await import('@harnext/provider-openai')
    return (baseURL) => openai({ apiKey: 'k', baseURL })
  },
  /** @returns {Promise<MakeAdapter>} */
  async 'openai-chat'() {
    const { openaiChat } = await import('@harnext/provider-openai')
    return (baseURL) => openaiChat({ apiKey: 'k', baseURL })
  },
  /** @returns {Promise<MakeAdapter>} */
  async google() {
    const { google } = await import('@harnext/provider-google')
    return (baseURL) => google({ apiKey: 'k', baseURL })
  },
  /** @returns {Promise<MakeAdapter>} */
  async ollama() {
    const { ollama } = await import('@harnext/provider-ollama')
    return (baseURL) => ollama({ baseURL, contextLength: 131_072 })
  },
}
