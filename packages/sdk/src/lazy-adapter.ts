import {
  AuthenticationError,
  type CallContext,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core'
import { catalog } from '@harnext/models'
import type { ProviderDefinition, ProviderSettings } from './provider-table.ts'

/** An adapter that loads its package at the first call: a provider that nobody calls costs nothing. */
export function lazyAdapter(
  definition: ProviderDefinition,
  settings: ProviderSettings,
  /** What to say when there is no key, and when nobody answers at an address that was only guessed. */
  missing: { readonly noKey?: string; readonly unreachable?: string } = {},
): ProviderAdapter {
  let loaded: Promise<ProviderAdapter> | undefined
  const load = (): Promise<ProviderAdapter> => (loaded ??= definition.load(settings))
  return {
    id: definition.id,
    api: definition.api,
    async *stream(request: ModelRequest, context: CallContext) {
      if (missing.noKey !== undefined)
        throw new AuthenticationError(missing.noKey, { kind: 'auth' })
      const adapter = await load()
      try {
        yield* adapter.stream(request, context)
      } catch (error) {
        if (missing.unreachable === undefined || !isUnreachable(error)) throw error
        throw new AuthenticationError(missing.unreachable, { kind: 'auth', cause: error })
      }
    },
    capabilities(model) {
      const { contextWindow, maxOutputTokens, images } = catalog.find(definition.id, model) ?? {}
      return {
        ...(typeof contextWindow === 'number' && { contextWindow }),
        ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
        ...(typeof images === 'boolean' && { images }),
      }
    },
    async countTokens(request, context) {
      const count = (await load()).countTokens
      if (!count) throw new Error(`${definition.id} cannot count tokens.`)
      return count(request, context)
    },
  }
}

function isUnreachable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'kind' in error && error.kind === 'network'
}
