import { isJsonObject, type Json, type SourcePart } from '@harnext/core/provider'
import { listIn } from './json-text.ts'

/** Makes sources of annotations; each address once, since a long answer cites the same page many times. */
export function sourceCollector(): (annotations: Json | undefined) => SourcePart[] {
  const urls = new Set<string>()
  return (annotations) =>
    listIn(annotations).flatMap((annotation) => {
      const source = toSource(annotation)
      if (!source || urls.has(source.url)) return []
      urls.add(source.url)
      return [source]
    })
}

/** `{type, url, title}`, the same under `url_citation`, or the address alone. */
function toSource(annotation: Json): SourcePart | null {
  if (typeof annotation === 'string')
    return URL.canParse(annotation) ? { type: 'source', url: annotation } : null
  if (!isJsonObject(annotation)) return null
  const inner = annotation['url_citation']
  const { url, title } = isJsonObject(inner) ? inner : annotation
  if (typeof url !== 'string') return null
  return { type: 'source', url, ...(typeof title === 'string' && title && { title }) }
}
