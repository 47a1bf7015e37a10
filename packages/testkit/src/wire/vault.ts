import { createHash } from 'node:crypto'

/**
 * The signatures of one vendor. They are made of what they sign, so that a changed text, a changed signature and one of another
 * vendor are all found out; and it is known which call came with which, so that a missing one is found out too.
 */
export interface Vault {
  /** The signature of a content. */
  sign(content: string): string
  /** Notes that a call was sent together with a signature. */
  bind(call: string, signature: string): void
  /** The signature that has to come back with a call; `undefined` for a call that somebody else sent. */
  boundTo(call: string): string | undefined
}

/** `vendor` tells the signatures of several vaults apart. */
export function createVault(vendor: string): Vault {
  const bound = new Map<string, string>()
  return {
    sign: (content) => createHash('sha256').update(`${vendor}\0${content}`).digest('base64'),
    bind: (call, signature) => void bound.set(call, signature),
    boundTo: (call) => bound.get(call),
  }
}
