/** The first 16 hex digits of the SHA-256 of the text. */
export async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  let hex = ''
  for (const byte of new Uint8Array(digest, 0, 8)) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/** `sess_` or `run_` and 12 random hex digits. */
export function newId(kind: 'sess' | 'run'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6))
  return `${kind}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** An id for a session: `sess_` and 12 random hex digits. */
export function newSessionId(): string {
  return newId('sess')
}
