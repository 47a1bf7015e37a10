import { isJsonObject, type Json, type SourcePart } from '@harnext/core/provider'
import type { WireCandidate } from './google-api.ts'

/** The pages that an answer rests on: search results, places, documents of a store, and what it quotes. */
export function sourcesOf({ groundingMetadata, citationMetadata }: WireCandidate): SourcePart[] {
  const chunks = objectsOf(groundingMetadata?.['groundingChunks']).flatMap((chunk) =>
    Object.values(chunk).filter(isJsonObject),
  )
  const citations = objectsOf(citationMetadata?.['citations'])
  return [...chunks, ...citations].flatMap(({ uri, title }) =>
    typeof uri === 'string' && uri !== ''
      ? Object.freeze({
          type: 'source' as const,
          url: uri,
          ...(typeof title === 'string' && { title }),
        })
      : [],
  )
}

function objectsOf(value: Json | undefined) {
  return (Array.isArray(value) ? (value as Json[]) : []).filter(isJsonObject)
}
