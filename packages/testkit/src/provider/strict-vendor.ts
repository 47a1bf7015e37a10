import { isJsonObject, type JsonObject } from '@harnext/core/provider'
import type { FixtureAnswer, ReceivedRequest, Respond } from '../server/fixture-server.ts'
import type { WireScript } from '../wire/script.ts'
import type { Vault } from '../wire/vault.ts'
import { bodyOf, answerOf, errorAnswer, type Subject } from './subject.ts'

/**
 * A vendor that looks at every request as the real one does, and answers 400 to a changed, missing or foreign signature, a call
 * without a result, a result without a call, an empty block. What it takes it answers with the scripts, one after the other, the last
 * one again and again, or with what a function makes of the request. `complain` is told what was refused.
 */
export function strictVendor(
  subject: Subject,
  vault: Vault,
  scripts: readonly WireScript[] | ((request: ReceivedRequest) => WireScript),
  complain?: (complaint: string) => void,
): Respond {
  const next = typeof scripts === 'function' ? scripts : oneByOne(scripts)
  return (request) => {
    const complaint = subject.format.check(bodyOf(request), vault)
    if (complaint === null) return answerOf(subject, subject.format.write(next(request), vault))
    complain?.(complaint)
    return refusal(subject, complaint)
  }
}

function oneByOne(scripts: readonly WireScript[]): () => WireScript {
  let answered = 0
  return () => scripts[Math.min(answered++, scripts.length - 1)] ?? {}
}

function refusal({ format }: Subject, complaint: string): FixtureAnswer {
  const { status, body } = format.error('invalid_request') ?? { status: 400, body: {} }
  return errorAnswer(status, withMessage(body, complaint))
}

/** The vendor's own error, which says what is wrong. */
function withMessage(body: JsonObject, message: string): JsonObject {
  const { error } = body
  return isJsonObject(error)
    ? { ...body, error: { ...error, message } }
    : { ...body, error: message }
}
