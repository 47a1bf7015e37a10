import { validateJson, type Json, type JsonObject } from '@harnext/core'
import type { HonoRequest } from 'hono'
import { refuse } from './errors.ts'

/** Bytes. */
const LARGEST_BODY = 10 * 1024 * 1024

/** The body of a request, when it fits the schema. None at all is an empty object. */
export async function readBody<T extends object>(
  request: HonoRequest,
  schema: JsonObject,
): Promise<T> {
  const type = request.header('content-type')
  const text = await readText(request)
  if (type === undefined ? text : !/^application\/json *(;|$)/i.test(type))
    throw refuse('unsupported_media_type', 'The header Content-Type must be application/json.')
  const value = text ? parse(text) : {}
  const issues = validateJson({ type: 'object', additionalProperties: false, ...schema }, value)
  if (issues.length) throw refuse('invalid_request', `The body: ${issues.join('; ')}`)
  return value as T
}

async function readText({ raw }: HonoRequest): Promise<string> {
  const tooLarge = refuse('body_too_large', `A body has at most ${LARGEST_BODY} bytes.`)
  if (Number(raw.headers.get('content-length')) > LARGEST_BODY) throw tooLarge
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of raw.body ?? []) {
      size += chunk.length
      if (size > LARGEST_BODY) throw tooLarge
      chunks.push(chunk)
    }
  } catch (error) {
    // The client left, or took too long.
    throw error === tooLarge ? error : refuse('invalid_request', 'The body was cut off.')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    throw refuse('invalid_request', 'The body is not JSON.')
  }
}
