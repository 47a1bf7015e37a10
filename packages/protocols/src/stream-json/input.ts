import {
  isJsonObject,
  messageOf,
  normaliseMode,
  sameJson,
  textOf,
  type Json,
  type JsonObject,
  type PermissionAnswer,
  type PermissionMode,
  type UserPart,
} from '@harnext/core'

/**
 * One line of `--input-format stream-json`.
 *
 * - `user`: while a run is under way it steers (`run.steer(text)`), else it begins the next one.
 * - `permission`: for `run.respond(callId, answer)`; with `interrupt` the run is to be cancelled as well.
 * - `control`: what the client asks of us; each has to be answered, by `controlSuccess` or `controlError`.
 * - `nothing`: a blank line, or one that only keeps the connection alive.
 */
export type StreamJsonInput =
  | { readonly type: 'user'; readonly content: readonly UserPart[]; readonly text: string }
  | {
      readonly type: 'permission'
      readonly callId: string
      readonly answer: PermissionAnswer
      readonly interrupt?: true
    }
  | {
      readonly type: 'control'
      readonly requestId: string
      readonly request: StreamJsonControl
    }
  | { readonly type: 'nothing' }

export type StreamJsonControl =
  | { readonly subtype: 'initialize' }
  | { readonly subtype: 'interrupt' }
  /** Without a model: back to the one that the session began with. */
  | { readonly subtype: 'set_model'; readonly model?: string }
  | { readonly subtype: 'set_permission_mode'; readonly mode: PermissionMode }
  /** `reason` is the error for the client. */
  | { readonly subtype: 'unsupported'; readonly reason: string }

export interface StreamJsonInputOptions {
  /**
   * The arguments of an open request. Clients send the input back with an answer even when nobody changed it; where this tells that it
   * is the same, the answer changes nothing.
   */
  readonly requested?: (callId: string) => Json | undefined
}

type Parsed = StreamJsonInput | { readonly error: string }

/** Never throws. An answer to a request that makes no sense is a denial that says so: a client that fails must not let anything pass. */
export function parseStreamJsonInput(line: string, options: StreamJsonInputOptions = {}): Parsed {
  if (!line.trim()) return { type: 'nothing' }
  try {
    return parseValue(JSON.parse(line), options)
  } catch (error) {
    return { error: `The line is no JSON that can be read: ${messageOf(error)}` }
  }
}

function parseValue(value: unknown, options: StreamJsonInputOptions): Parsed {
  if (!isJsonObject(value)) return { error: `A line must be a JSON object; got ${show(value)}.` }
  const { type } = value
  if (type === 'user') return parseUser(value)
  if (type === 'control_response') return parseResponse(value, options)
  if (type === 'control_request') return parseRequest(value)
  if (type === 'keep_alive' || type === 'control_cancel_request') return { type: 'nothing' }
  return {
    error: `The type of a line must be user, control_response or control_request; got ${show(type)}.`,
  }
}

function parseUser(line: JsonObject): Parsed {
  const { message } = line
  if (!isJsonObject(message))
    return { error: `message of a user line must be an object; got ${show(message)}.` }
  const { role, content } = message
  if (role !== undefined && role !== 'user')
    return { error: `message.role of a user line must be "user"; got ${show(role)}.` }
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  if (!Array.isArray(blocks))
    return {
      error: `message.content of a user line must be a text or a list of blocks; got ${show(content)}.`,
    }
  const parts: UserPart[] = []
  for (const [index, block] of blocks.entries()) {
    const part = toUserPart(block)
    if (typeof part === 'string') return { error: `message.content[${index}]${part}` }
    if (part.type !== 'text' || part.text) parts.push(part)
  }
  if (!parts.length) return { error: 'message.content of a user line is empty.' }
  return { type: 'user', content: parts, text: textOf(parts) }
}

/** A block as a part; else the end of a sentence that says what is wrong with it. */
function toUserPart(block: unknown): UserPart | string {
  if (!isJsonObject(block)) return ` must be an object; got ${show(block)}.`
  const { type, text, source, title } = block
  if (type === 'text')
    return typeof text === 'string'
      ? { type: 'text', text }
      : `.text must be a text; got ${show(text)}.`
  if (type !== 'image' && type !== 'document')
    return `.type must be text, image or document; got ${show(type)}.`
  if (!isJsonObject(source)) return `.source must be an object; got ${show(source)}.`
  const { media_type: mediaType, data, url } = source
  if (type === 'image' && source['type'] === 'url' && typeof url === 'string')
    return { type: 'image', url }
  if (type === 'document' && source['type'] === 'text' && typeof data === 'string')
    return { type: 'text', text: data }
  if (source['type'] !== 'base64' || typeof mediaType !== 'string' || typeof data !== 'string')
    return `.source must be { type: "base64", media_type, data }; got ${show(source)}.`
  if (type === 'image') return { type: 'image', mediaType, data }
  return { type: 'file', mediaType, data, ...(typeof title === 'string' && { name: title }) }
}

function parseResponse(line: JsonObject, { requested }: StreamJsonInputOptions): Parsed {
  const { response } = line
  if (!isJsonObject(response) || typeof response['request_id'] !== 'string')
    return { error: `response.request_id must be a text; got ${show(response)}.` }
  const callId = response['request_id']
  const result = response['response']
  const deny = (message: string) =>
    ({ type: 'permission', callId, answer: { decision: 'deny', message } }) as const
  if (response['subtype'] === 'error')
    return deny(`The client could not answer: ${nonEmpty(response['error']) ?? 'no reason given'}`)
  if (!isJsonObject(result)) return deny(`The answer must be an object; got ${show(result)}.`)
  if (result['behavior'] === 'deny') {
    const denial = deny(nonEmpty(result['message']) ?? 'The user declined this call.')
    return result['interrupt'] === true ? { ...denial, interrupt: true } : denial
  }
  if (result['behavior'] !== 'allow')
    return deny(`The answer must have behavior "allow" or "deny"; got ${show(result['behavior'])}.`)
  const { updatedInput: args = null } = result
  if (args !== null && !isJsonObject(args))
    return deny(`updatedInput must be an object; got ${show(args)}.`)
  const asked = requested?.(callId)
  const changed = args !== null && (asked === undefined || !sameJson(args, asked))
  return {
    type: 'permission',
    callId,
    answer: {
      decision: 'allow',
      ...(changed && { args }),
      ...(grantsMore(result['updatedPermissions']) && { remember: true }),
    },
  }
}

/** Whether the client said "always". What exactly is granted is ours to say: the effects of this call and no more. */
function grantsMore(updates: Json | undefined): boolean {
  return (
    Array.isArray(updates) &&
    updates.some(
      (update: unknown) =>
        isJsonObject(update) && update['type'] === 'addRules' && update['behavior'] === 'allow',
    )
  )
}

function parseRequest(line: JsonObject): Parsed {
  const { request_id: requestId, request } = line
  if (typeof requestId !== 'string')
    return { error: `request_id must be a text; got ${show(requestId)}.` }
  return { type: 'control', requestId, request: toControl(request) }
}

function toControl(request: Json | undefined): StreamJsonControl {
  if (!isJsonObject(request)) return unsupported(`request must be an object; got ${show(request)}.`)
  const { subtype, model, mode } = request
  if (subtype === 'initialize' || subtype === 'interrupt') return { subtype }
  if (subtype === 'set_model') {
    if (model === undefined || model === null) return { subtype }
    if (typeof model === 'string' && model) return { subtype, model }
    return unsupported(`model must be the id of a model; got ${show(model)}.`)
  }
  if (subtype !== 'set_permission_mode')
    return unsupported(`The request ${show(subtype)} is not supported.`)
  try {
    return { subtype, mode: normaliseMode(typeof mode === 'string' ? mode : show(mode)) }
  } catch (error) {
    return unsupported(messageOf(error))
  }
}

function unsupported(reason: string): StreamJsonControl {
  return { subtype: 'unsupported', reason }
}

function nonEmpty(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const json = JSON.stringify(value)
  return json.length > 80 ? `${json.slice(0, 80)}…` : json
}
