import { visible, type Json, type JsonObject } from '@harnext/core'
import type { ElicitRequestParams, ElicitResult } from '@modelcontextprotocol/client'

/** What a server wants to know from the person while a call of it runs. */
export interface ElicitationRequest {
  readonly server: string
  readonly message: string
  /** The JSON Schema of what it wants; absent where the person is to open `url`. */
  readonly schema?: JsonObject
  readonly url?: string
}
export interface ElicitationAnswer {
  readonly action: 'accept' | 'decline' | 'cancel'
  readonly content?: { readonly [field: string]: string | number | boolean | readonly string[] }
  /** Why the person was not asked: the reader of the run is told. */
  readonly reason?: string
}
export type OnElicitation = (
  request: ElicitationRequest,
  options: { readonly signal: AbortSignal },
) => Promise<ElicitationAnswer>

const longestMessage = 2000

const secret =
  /pass(word|phrase|code)|secret|token|api.?key|credential|private.?key|\bpin\b|cvv|seed/i

/** Asks the person, unless the server wants a secret or an address that is none of the web: that is declined for them. */
export async function answerElicitation(
  server: string,
  params: ElicitRequestParams,
  { ask, warn, signal }: Asking,
): Promise<ElicitResult> {
  const message = visible(params.message).slice(0, longestMessage)
  const declined = (reason: string): ElicitResult => {
    warn(
      `The MCP server ${server} wanted to know from the person: ${JSON.stringify(message)}. It was declined: ${reason}.`,
    )
    return { action: 'decline' }
  }
  if (params.mode === 'url' && !isWebAddress(params.url))
    return declined('what the person is to open is no address of the web')
  if (params.mode !== 'url' && asksForSecret(params.requestedSchema))
    return declined('a secret is nothing for a form')
  const about =
    params.mode === 'url'
      ? { url: params.url }
      : { schema: params.requestedSchema as unknown as JsonObject }
  const answer = await ask({ server, message, ...about }, { signal })
  return answer.reason === undefined ? toResult(answer) : declined(answer.reason)
}

interface Asking {
  readonly ask: OnElicitation
  /** Tells the reader of the run. */
  readonly warn: (message: string) => void
  readonly signal: AbortSignal
}

/** A form is no place for what opens an account: the protocol says so, too. */
function asksForSecret(schema: {
  readonly properties: { readonly [name: string]: unknown }
}): boolean {
  return Object.entries(schema.properties).some(([name, field]) => {
    const { title, description, format } = field as { readonly [key: string]: Json }
    const words = [name, title, description, format].filter((each) => typeof each === 'string')
    return secret.test(words.join(' '))
  })
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

function toResult({ action, content }: ElicitationAnswer): ElicitResult {
  if (action !== 'accept' || !content) return { action }
  const values = Object.entries(content).map(([field, value]) => [
    field,
    typeof value === 'object' ? [...value] : value,
  ])
  return { action, content: Object.fromEntries(values) }
}
