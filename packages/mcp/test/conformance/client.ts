// A client for the protocol's own suite, which starts it with the address of a server: through @harnext/mcp, or with the bare SDK.
// It connects, calls what the scenario wants, or every tool with arguments that its schema takes, and leaves.
import { isJsonObject, type Json, type JsonObject } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import {
  Client,
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  requestJwtAuthorizationGrant,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client'
import { McpServers, oauthLogin, type McpLogin } from '../../src/index.ts'

const [url = ''] = process.argv.slice(2)
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: given = '{}' } =
  process.env
const context = JSON.parse(given) as { readonly [name: string]: string } & {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments?: JsonObject }[]
}
if (process.env['HARNEXT_BARE'] === '1') await bare()
else await throughHarnext()
process.exit(0)

async function throughHarnext(): Promise<void> {
  const mcp = new McpServers({
    servers: { suite: { url, type: 'http', required: true, timeout: 20_000 } },
    roots: [process.cwd()],
    login,
    onElicitation: async () => ({ action: 'accept', content: {} }),
    version: '1.0.0',
  })
  const { signal } = new AbortController()
  const workspace = localWorkspace({ roots: [process.cwd()] })
  const opened = await mcp.open({ signal, workspace })
  const toolContext = {
    signal,
    workspace,
    callId: '1',
    sessionId: 's',
    agentPath: [],
    idempotencyKey: 'k',
    effects: [],
    authorize: async () => {},
    progress: () => {},
    emit: async () => {},
  }
  const definitions = opened.tools.filter(({ name }) => name.startsWith('mcp:suite.'))
  const listed = await mcp.definitions('suite')
  for (const [name, args] of callsOf(
    listed.map((tool) => [tool['name'] as string, tool['inputSchema'] ?? {}] as const),
  )) {
    const tool = definitions.find(
      (each) => each.name === `mcp:suite.${name.replace(/[^\w-]/g, '_')}`,
    )
    if (!tool) throw new Error(`The server has no tool ${name}.`)
    const result = await tool.execute(args, toolContext).catch((error: unknown) => error)
    console.error(name, JSON.stringify(result) ?? String(result))
  }
  await opened.close()
  await mcp.close()
}

async function bare(): Promise<void> {
  const { provider, answer } = login()
  let transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider })
  const newClient = (): Client => {
    const made = new Client(
      { name: 'harnext', version: '1.0.0' },
      {
        capabilities: { roots: {}, elicitation: { form: { applyDefaults: true }, url: {} } },
        versionNegotiation: { mode: 'auto' },
      },
    )
    made.setRequestHandler('roots/list', () => ({ roots: [] }))
    made.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }))
    return made
  }
  const loggingIn = async <T>(work: () => Promise<T>, again: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || !answer) throw error
      await transport.finishAuth(await answer(new AbortController().signal))
      return again()
    }
  }
  let client = newClient()
  await loggingIn(
    () => client.connect(transport),
    async () => {
      transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider })
      client = newClient()
      await client.connect(transport)
    },
  )
  const { tools } = await client.listTools()
  const listed = tools.map((tool) => [tool.name, tool.inputSchema as unknown as Json] as const)
  for (const [name, args] of callsOf(listed)) {
    const call = () => client.callTool({ name, arguments: { ...args } })
    const result = await loggingIn(call, call).catch((error: unknown) => error)
    console.error(name, JSON.stringify(result) ?? String(result))
  }
  await client.close()
}

/** What the scenario says, else every tool once. */
function callsOf(
  tools: readonly (readonly [name: string, schema: Json])[],
): readonly (readonly [name: string, args: JsonObject])[] {
  const echoed = tools.find(([name]) => name.includes('json_schema') && !name.includes('echo'))
  if (scenario.startsWith('json-schema-2020-12') && echoed)
    return tools.map(
      ([name]) => [name, name.includes('echo') ? { schema: echoed[1] } : {}] as const,
    )
  const wanted = context.toolCalls?.map((call) => [call.name, call.arguments ?? {}] as const)
  return wanted ?? tools.map(([name, schema]) => [name, sampleOf(schema) as JsonObject] as const)
}

/** A value that the schema takes, as far as its type says. */
function sampleOf(schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return 'text'
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly Json[])[0] ?? null
  switch (schema['type'] as string) {
    case 'number':
    case 'integer':
      return 5
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object': {
      const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
      const required = Array.isArray(schema['required']) ? schema['required'] : []
      return Object.fromEntries(required.map((name) => [name, sampleOf(properties[String(name)])]))
    }
    default:
      return 'text'
  }
}

/** Agrees to everything, as a person would in a browser. */
function login(): McpLogin {
  const provider = machineProvider()
  if (provider) return { provider }
  const redirectUrl = 'http://localhost:3000/callback'
  let answered = Promise.withResolvers<URLSearchParams>()
  return oauthLogin({
    redirectUrl,
    clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
    async open(address) {
      const { headers } = await fetch(address, { redirect: 'manual' })
      answered.resolve(new URL(headers.get('location') ?? redirectUrl).searchParams)
    },
    async receive() {
      const answer = await answered.promise
      answered = Promise.withResolvers()
      return answer
    },
    ...(context['client_id'] !== undefined && {
      client: {
        client_id: context['client_id'],
        ...(context['client_secret'] !== undefined && { client_secret: context['client_secret'] }),
        redirect_uris: [redirectUrl],
      },
    }),
  })
}

/** For scenarios without a person. */
function machineProvider(): OAuthClientProvider | undefined {
  const { client_id: clientId = '', client_secret: clientSecret = '' } = context
  switch (scenario) {
    case 'auth/client-credentials-jwt':
      return new PrivateKeyJwtProvider({
        clientId,
        privateKey: context['private_key_pem'] ?? '',
        algorithm: context['signing_algorithm'] ?? 'ES256',
      })
    case 'auth/client-credentials-basic':
      return new ClientCredentialsProvider({ clientId, clientSecret })
    case 'auth/enterprise-managed-authorization':
      return new CrossAppAccessProvider({
        clientId,
        clientSecret,
        assertion: async ({ authorizationServerUrl, resourceUrl, fetchFn }) => {
          const grant = await requestJwtAuthorizationGrant({
            tokenEndpoint: context['idp_token_endpoint'] ?? '',
            audience: authorizationServerUrl,
            resource: resourceUrl,
            idToken: context['idp_id_token'] ?? '',
            clientId: context['idp_client_id'] ?? '',
            fetchFn,
          })
          return grant.jwtAuthGrant
        },
      })
    default:
      return undefined
  }
}
