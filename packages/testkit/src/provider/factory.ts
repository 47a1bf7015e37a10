import type { ProviderAdapter } from '@harnext/core/provider'

/** What the kit gives to whoever makes an adapter. */
export interface FactoryOptions {
  /** Of the kit's own server. */
  readonly baseURL: string
  /** A key that the server takes. */
  readonly apiKey: string
}

/** Makes an adapter that talks to the given address. */
export type AdapterFactory = (options: FactoryOptions) => ProviderAdapter

export const TEST_KEY = 'testkit-key'
