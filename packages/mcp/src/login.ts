import { randomBytes } from 'node:crypto'
import { ConfigError, HarnextError } from '@harnext/core'
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import { oneAfterAnother, oneRenewal, type Exclusively, type Renewal } from './renewal.ts'
import type { McpOAuth } from './server-config.ts'

/** How a person is logged in to a server at an address. */
export interface McpLogin {
  readonly provider: OAuthClientProvider
  /**
   * What the authorization server sent back when the person had agreed, checked. Absent: nobody is there who could agree, and a server that
   * wants it cannot be used.
   */
  answer?(signal: AbortSignal): Promise<URLSearchParams>
  /** Stands between the client and the server when the login is renewed; absent: nothing does. */
  readonly renewal?: Renewal
}

/** What is kept of a login, so that the person need not agree again. It opens an account: keep it where nobody else reads it. */
export interface StoredLogin {
  readonly tokens?: OAuthTokens
  readonly client?: OAuthClientInformationMixed
}
export interface LoginStore {
  get(): Promise<StoredLogin>
  set(login: StoredLogin): Promise<void>
  /**
   * Does the work while nobody else who has this login does any. Absent: the login is used by one `oauthLogin` alone, as two that renew it
   * at the same time can lose it.
   */
  exclusively?<T>(work: () => Promise<T>): Promise<T>
}

export interface LoginOptions {
  /** Kept in memory where it is absent. */
  readonly store?: LoginStore
  /** Where the person comes back to: an address of this machine. Throws `ConfigError` for another one. */
  readonly redirectUrl: string
  /** Shows the person where to agree. Never through a shell. */
  readonly open?: (url: URL) => Promise<void>
  /** Is told the state of each login when it begins, before `open`: what comes back without it is not the answer. */
  readonly expectState?: (state: string) => void
  /** Resolves to what comes back at `redirectUrl`. */
  readonly receive?: (signal: AbortSignal) => Promise<URLSearchParams>
  /** Of a client that is registered already. */
  readonly client?: OAuthClientInformationMixed
  /** What whoever meets a server that wants a login is told to do, where nobody can agree. */
  readonly hint?: string
  /** Where the id of a registered client is given, for a server that takes no others. @default 'as oauth.clientId of its configuration' */
  readonly clientHint?: string
  /** Where the description of this client can be read, for servers that take clients they do not know. */
  readonly clientMetadataUrl?: string
}

/** The client that a server's configuration names, if it does. */
export function registeredClient({
  clientId,
  clientSecret,
}: McpOAuth): OAuthClientInformationMixed | undefined {
  if (clientId === undefined) return undefined
  return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) }
}

/** OAuth 2.1 with PKCE and a state of its own for each login. */
export function oauthLogin(options: LoginOptions): McpLogin {
  const { redirectUrl, receive } = options
  checkRedirectUrl(redirectUrl)
  const flow: Flow = {}
  const store = options.store ?? memoryLogin()
  const exclusively: Exclusively = store.exclusively?.bind(store) ?? oneAfterAnother()
  const provider = providerOf(options, { flow, store, exclusively })
  const renewal = oneRenewal(store, exclusively, (tokens) => (flow.kept = tokens.access_token))
  if (!receive) return { provider, renewal }
  return {
    provider,
    renewal,
    async answer(signal) {
      const answer = await receive(signal)
      const { state } = flow
      delete flow.state
      checkAnswer(answer, state)
      return answer
    },
  }
}

interface Keeping {
  readonly flow: Flow
  readonly store: LoginStore
  readonly exclusively: Exclusively
}

function providerOf(
  options: LoginOptions,
  { flow, store, exclusively }: Keeping,
): OAuthClientProvider {
  const { redirectUrl, open, client: registered } = options
  const change = (changed: (login: StoredLogin) => StoredLogin): Promise<void> =>
    exclusively(async () => store.set(changed(await store.get())))
  return {
    redirectUrl,
    clientMetadata: metadataOf(redirectUrl),
    ...(options.clientMetadataUrl !== undefined && {
      clientMetadataUrl: options.clientMetadataUrl,
    }),
    state() {
      const state = randomBytes(24).toString('base64url')
      flow.state = state
      options.expectState?.(state)
      return state
    },
    async clientInformation() {
      const client = clientOf(await store.get(), registered)
      // Nothing is registered that nobody could use.
      if (!client && !open) throw nobodyAgrees(options)
      if (!client && !takesNewClients(options, flow)) throw unregistered(options)
      return client
    },
    // No other one is registered in the place of the one that is given.
    ...(!registered && {
      saveClientInformation: (client) => change((login) => ({ ...login, client })),
    }),
    tokens: async () => (await store.get()).tokens,
    async saveTokens(tokens) {
      // The login is over: at the next one the server may name another authority.
      delete flow.discovery
      // By now somebody else may have renewed them again.
      if (tokens.access_token === flow.kept) return
      await change((login) => {
        const client = clientOf(login, registered)
        return {
          ...(client && { client: client === registered ? named(client, tokens) : client }),
          tokens,
        }
      })
    },
    async redirectToAuthorization(url) {
      if (!open) throw nobodyAgrees(options)
      await open(safeAuthorizationUrl(url))
    },
    saveCodeVerifier: (verifier) => void (flow.verifier = verifier),
    codeVerifier: () => flow.verifier ?? noFlow(),
    saveDiscoveryState: (discovery) => void (flow.discovery = discovery),
    discoveryState: () => flow.discovery,
    async invalidateCredentials(scope) {
      if (scope === 'all' || scope === 'discovery') delete flow.discovery
      const keepsTokens = scope !== 'all' && scope !== 'tokens'
      const keepsClient = scope !== 'all' && scope !== 'client'
      await change(({ tokens, client }) => ({
        ...(keepsTokens && tokens && { tokens }),
        ...(keepsClient && client && { client }),
      }))
    },
  }
}

/** What is kept is good for the client that got it alone. */
function clientOf(
  { tokens, client }: StoredLogin,
  registered: OAuthClientInformationMixed | undefined,
): OAuthClientInformationMixed | undefined {
  if (!registered) return client
  return tokens && client && client.client_id !== registered.client_id ? client : registered
}

/** A secret is for whoever gives it to keep. */
function named(
  { client_id }: OAuthClientInformationMixed,
  { issuer }: StoredOAuthTokens,
): StoredOAuthClientInformation {
  return { client_id, ...(issuer !== undefined && { issuer }) }
}

/** Also where nothing is known of it: then it is tried. */
function takesNewClients({ clientMetadataUrl }: LoginOptions, { discovery }: Flow): boolean {
  const metadata = discovery?.authorizationServerMetadata
  if (!metadata || metadata.registration_endpoint !== undefined) return true
  return clientMetadataUrl !== undefined && metadata.client_id_metadata_document_supported === true
}

function unregistered({
  clientHint = 'as oauth.clientId of its configuration',
}: LoginOptions): HarnextError {
  return new HarnextError(
    `It takes only clients that are registered there already. Register one with it by hand, and give its id ${clientHint}.`,
    { code: 'mcp_login' },
  )
}

function nobodyAgrees({ hint }: LoginOptions): HarnextError {
  const told = 'It wants a login, and nobody is here who could agree to it'
  return new HarnextError(hint === undefined ? `${told}.` : `${told}: ${hint}`, {
    code: 'mcp_login',
  })
}

/** What belongs to one login and to no other. */
interface Flow {
  /** The access token that the last renewal has kept. */
  kept?: string
  state?: string
  verifier?: string
  discovery?: OAuthDiscoveryState
}

function metadataOf(redirectUrl: string): OAuthClientMetadata {
  return {
    client_name: 'harnext',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }
}

function memoryLogin(): LoginStore {
  let login: StoredLogin = {}
  return { get: async () => login, set: async (changed) => void (login = changed) }
}

function noFlow(): never {
  throw new HarnextError('No login is under way.', { code: 'mcp_login' })
}

/** A code that is sent anywhere else is in somebody else's hands. */
export function checkRedirectUrl(redirectUrl: string): void {
  if (URL.canParse(redirectUrl) && isOwn(new URL(redirectUrl))) return
  throw new ConfigError(
    `The redirectUrl of a login must be an http address of this machine, as http://127.0.0.1:3333/callback; got ${JSON.stringify(redirectUrl)}.`,
  )
}

/**
 * The address that the person is sent to, without a letter that means something to a shell. Throws for one that is not of the web, or not
 * encrypted: what comes from a server is handed to the browser of the person.
 */
export function safeAuthorizationUrl(url: URL): URL {
  if (url.protocol !== 'https:' && !isOwn(url))
    throw new HarnextError(
      `The server wants the person to open ${url.protocol}//…, which is no https address; that is refused.`,
      { code: 'mcp_login' },
    )
  if (url.username !== '' || url.password !== '')
    throw new HarnextError(
      'The address of the login holds a name or a password; that is refused.',
      {
        code: 'mcp_login',
      },
    )
  const escaped = url.href.replace(
    /[`$(){}|;<>^"'\\ ]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return new URL(escaped)
}

/** Throws unless the answer belongs to the login that is under way. */
export function checkAnswer(answer: URLSearchParams, state: string | undefined): void {
  if (state !== undefined && answer.get('state') === state) return
  throw new HarnextError(
    'The answer to the login does not carry its state, so it may be to another one; it is refused.',
    { code: 'mcp_login' },
  )
}

function isOwn({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}
