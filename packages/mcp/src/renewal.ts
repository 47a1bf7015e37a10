import { isJsonObject } from '@harnext/core'
import type { OAuthTokens } from '@modelcontextprotocol/client'
import type { LoginStore } from './login.ts'

/** What stands between a client and its server when the login is renewed. */
export interface Renewal {
  /** The server did not take this access token. */
  refused(accessToken: string): void
  /** Has `send` use a refresh token up, or answers in the place of the server. */
  renew(send: (refreshToken: string) => Promise<Response>): Promise<Response>
}

/** A renewal without an answer is left after this many milliseconds: others wait for it. */
const longestMs = 20_000

/** Asks `renewal` for what would renew a login. */
export function renewingFetch(send: typeof fetch, renewal: Renewal): typeof fetch {
  return async (input, init) => {
    const { body } = init ?? {}
    if (body instanceof URLSearchParams && body.get('grant_type') === 'refresh_token') {
      const limit = AbortSignal.timeout(longestMs)
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
      return renewal.renew((refreshToken) => {
        const asked = new URLSearchParams(body)
        asked.set('refresh_token', refreshToken)
        return send(input, { ...init, signal, body: asked })
      })
    }
    const response = await send(input, init)
    const [, accessToken] = /^Bearer (.+)$/.exec(authorizationOf(init)) ?? []
    if (response.status === 401 && accessToken !== undefined) renewal.refused(accessToken)
    return response
  }
}

function authorizationOf({ headers }: RequestInit = {}): string {
  return new Headers(headers).get('authorization') ?? ''
}

/**
 * A refresh token may be good for one renewal, and a server that meets a used one takes it for stolen and ends the login. So of those who
 * share a login one renews it, and keeps what it got before the next one may look. That one takes it from there: what it was refused with
 * is another one. `onKept` is told of tokens that are in the store already.
 */
export function oneRenewal(
  store: LoginStore,
  exclusively: Exclusively,
  onKept: (tokens: OAuthTokens) => void,
): Renewal {
  const refused = new Set<string>()
  return {
    refused: (accessToken) => void refused.add(accessToken),
    renew: (send) =>
      exclusively(async () => {
        const login = await store.get()
        const { tokens } = login
        if (tokens && !refused.has(tokens.access_token)) {
          onKept(tokens)
          return Response.json(tokens)
        }
        // Somebody has logged out meanwhile.
        if (tokens?.refresh_token === undefined)
          return Response.json({ error: 'invalid_grant' }, { status: 400 })
        const response = await send(tokens.refresh_token)
        const renewed = response.ok ? tokensOf(await response.clone().text()) : null
        if (renewed) {
          const kept = { ...tokens, ...renewed }
          await store.set({ ...login, tokens: kept })
          onKept(kept)
        }
        return response
      }),
  }
}

export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>

/** Of those in one process who share no store. */
export function oneAfterAnother(): Exclusively {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

/** `null` for what is no answer of this kind: who asked finds out what is wrong with it. */
function tokensOf(text: string): Partial<OAuthTokens> | null {
  const answer = parsed(text)
  if (!isJsonObject(answer) || typeof answer['access_token'] !== 'string') return null
  const { access_token, token_type, refresh_token, expires_in, scope } = answer
  return {
    access_token,
    ...(typeof token_type === 'string' && { token_type }),
    ...(typeof refresh_token === 'string' && { refresh_token }),
    ...(typeof expires_in === 'number' && { expires_in }),
    ...(typeof scope === 'string' && { scope }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON, and so not tokens.
    return null
  }
}
