import { ConfigError } from '../errors.ts'
import type { PermissionRequestEvent } from '../events.ts'
import type { Json } from '../json.ts'
import type { OnPermission, PermissionAnswer, PermissionRequest } from './permission.ts'

/** A `PermissionAnswer` in its one long form. */
export interface Answer {
  readonly decision: 'allow' | 'deny' | 'defer'
  readonly remember?: boolean
  readonly args?: Json
  readonly message?: string
}

/** Throws `ConfigError` for what is no answer. */
export function toAnswer(answer: PermissionAnswer): Answer {
  if (typeof answer === 'boolean') return { decision: answer ? 'allow' : 'deny' }
  if (answer === 'allow' || answer === 'deny' || answer === 'defer') return { decision: answer }
  if (typeof answer === 'object' && (answer.decision === 'allow' || answer.decision === 'deny'))
    return answer
  throw new ConfigError(
    `A permission answer is a boolean, 'allow', 'deny', 'defer' or { decision }; got ${JSON.stringify(answer)}.`,
  )
}

/** Open requests that are answered by `respond`, and the callback that answers the others. */
export interface Asker {
  readonly ask: (event: PermissionRequestEvent) => Promise<Answer | null>
  readonly respond: (callId: string, answer: PermissionAnswer) => void
  /** Nobody will answer any more: open requests are denied. */
  readonly close: () => void
}

export function createAsker(
  onPermission: OnPermission | undefined,
  agentPath: readonly string[],
): Asker {
  // A running call may ask for several things at once: answers are taken in the order of the questions.
  const open = new Map<string, ((answer: Answer | null) => void)[]>()
  let closed = false
  return {
    async ask({ type: _type, ...event }) {
      if (onPermission === undefined || closed) return null
      if (typeof onPermission === 'boolean') return toAnswer(onPermission)
      const request: PermissionRequest = { ...event, ...(agentPath.length && { agentPath }) }
      if (onPermission === 'stream')
        return new Promise((resolve) =>
          open.set(event.id, [...(open.get(event.id) ?? []), resolve]),
        )
      const callback =
        typeof onPermission === 'function'
          ? onPermission
          : onPermission.requestApproval.bind(onPermission)
      try {
        return toAnswer(await callback(request))
      } catch (error) {
        return { decision: 'deny', message: `Nobody could be asked: ${String(error)}` }
      }
    },
    respond(callId, answer) {
      const [resolve, ...others] = open.get(callId) ?? []
      if (!resolve)
        throw new ConfigError(`No permission request is open for call ${JSON.stringify(callId)}.`)
      const long = toAnswer(answer)
      if (others.length) open.set(callId, others)
      else open.delete(callId)
      resolve(long)
    },
    close() {
      closed = true
      for (const resolve of [...open.values()].flat()) resolve(null)
      open.clear()
    },
  }
}
