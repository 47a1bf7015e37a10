import type { Duplex, Readable } from 'node:stream'
import { builtin } from './builtin.ts'

/** The body without its codings (the header `content-encoding`), as it comes. A body that ends too early ends with an error. */
export function decoded(response: Readable, encoding: string | null): Readable {
  if (encoding === null) return response
  const codings = encoding.toLowerCase().split(',')
  const names = codings.map((name) => name.trim()).filter((name) => name && name !== 'identity')
  // What nobody asked for is the reader's to understand.
  if (!names.length || !names.every((name) => name in decoders)) return response
  const streams = names.toReversed().map((name) => decoders[name]?.() as Duplex)
  // The error reaches the reader by the last of them.
  return builtin('stream').pipeline([response, ...streams], () => {}) as unknown as Readable
}

const decoders: { readonly [coding: string]: () => Duplex } = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br() {
    const { constants, createBrotliDecompress } = builtin('zlib')
    return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
  },
}

function gunzip(): Duplex {
  const { constants, createGunzip } = builtin('zlib')
  return createGunzip({ flush: constants.Z_SYNC_FLUSH })
}

/** Some servers leave out the header that the standard asks for: the first byte tells. */
function inflate(): Duplex {
  const { constants, createInflate, createInflateRaw } = builtin('zlib')
  const options = { flush: constants.Z_SYNC_FLUSH }
  return builtin('stream').Duplex.from(async function* (source: AsyncIterable<Uint8Array>) {
    const chunks = source[Symbol.asyncIterator]()
    const first = await chunks.next()
    if (first.done) return
    const hasHeader = ((first.value[0] ?? 0) & 0x0f) === 0x08
    const decoder = hasHeader ? createInflate(options) : createInflateRaw(options)
    yield* builtin('stream').pipeline(all(first.value, chunks), decoder, () => {})
  })
}

async function* all(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array, unknown>,
): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
