import type { Json } from '@harnext/core/provider'
import type { WirePartialArg } from './google-api.ts'

interface Container {
  [key: string]: Value
}
type Value = Json | Container | Value[]

/** Puts arguments together that arrive in pieces, each with the path of its place. */
export function partialArgs(): {
  add(piece: WirePartialArg): void
  /** What has arrived so far. */
  value(): Json
} {
  const root: Container = {}
  return {
    add(piece) {
      const keys = keysOf(piece.jsonPath)
      const last = keys.pop()
      if (last === undefined) throw new TypeError(`no path in ${JSON.stringify(piece)}`)
      let place: Container = root
      for (const [at, key] of keys.entries()) {
        const inner = own(place, key)
        if (typeof inner === 'object' && inner !== null) place = inner as Container
        else place = put(place, key, isIndex(keys[at + 1] ?? last) ? [] : {}) as Container
      }
      put(place, last, joined(own(place, last), piece))
    },
    value: () => root,
  }
}

/** The keys of `$.a.b[0]['c d']`. */
function keysOf(path: string): string[] {
  const keys: string[] = []
  for (const [, name, index, quoted] of path.matchAll(
    /\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*")\]/g,
  ))
    keys.push(name ?? index ?? unescaped(quoted ?? ''))
  return keys
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1')
}

const isIndex = (key: string): boolean => /^\d+$/.test(key)

function own(place: Container, key: string): Value | undefined {
  return Object.hasOwn(place, key) ? place[key] : undefined
}

/** An argument may have any name, `__proto__` as well. */
function put(place: Container, key: string, value: Value): Value {
  Object.defineProperty(place, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
  return value
}

function joined(before: Value | undefined, piece: WirePartialArg): Json {
  const { stringValue, numberValue, boolValue } = piece
  if (stringValue !== undefined)
    return typeof before === 'string' ? before + stringValue : stringValue
  return numberValue ?? boolValue ?? null
}
