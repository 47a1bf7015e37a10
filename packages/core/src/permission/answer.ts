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
  /** @default 'user' */
  readonly by?: 'hook'
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

/** What tells a call from one of another agent with the same id: `child/id`, in the root `id`. */
export function callKey({
  agentPath = [],
  id,
}: Pick<PermissionRequest, 'id' | 'agentPath'>): string {
  return [...agentPath, id].join('/')
}

/** Open requests that are answered by `respond`, and the callback that answers the others. */
export interface Asker {
  /** A request is about to be shown: its answer may come before `ask` is called. */
  readonly expect: (
    event: PermissionRequestEvent & { readonly agentPath?: readonly string[] },
  ) => void
  readonly ask: (
    event: PermissionRequestEvent & { readonly agentPath?: readonly string[] },
  ) => Promise<Answer | null>
  readonly respond: (callId: string, answer: PermissionAnswer) => void
  /** Nobody will answer any more: open requests are denied. */
  readonly close: () => void
}

export function createAsker(onPermission: OnPermission | undefined): Asker {
  const questions = createQuestions()
  let closed = false
  return {
    expect(event) {
      if (onPermission === 'stream' && !closed) questions.expect(callKey(event))
    },
    async ask({ type: _type, ...request }) {
      if (onPermission === undefined || closed) return null
      if (typeof onPermission === 'boolean') return toAnswer(onPermission)
      if (onPermission === 'stream') return questions.ask(callKey(request))
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
      const long = toAnswer(answer)
      const keys = questions.matching(callId)
      const [key] = keys
      if (keys.length > 1)
        throw new ConfigError(
          `Several requests are open for calls ${JSON.stringify(callId)}; name one of ${keys.join(', ')}.`,
        )
      if (key !== undefined && questions.answer(key, long)) return
      throw new ConfigError(`No permission request is open for call ${JSON.stringify(callId)}.`)
    },
    close() {
      closed = true
      questions.close()
    },
  }
}

type Question = PromiseWithResolvers<Answer | null>

/** A running call may ask for several things at once: answers are taken in the order of the questions. */
function createQuestions() {
  const unanswered = new Map<string, Question[]>()
  const expected = new Map<string, Question[]>()

  function open(id: string): Question {
    const question: Question = Promise.withResolvers()
    unanswered.set(id, [...(unanswered.get(id) ?? []), question])
    return question
  }

  function take(map: Map<string, Question[]>, id: string): Question | undefined {
    const [first, ...others] = map.get(id) ?? []
    if (others.length) map.set(id, others)
    else map.delete(id)
    return first
  }

  return {
    expect: (id: string) => void expected.set(id, [...(expected.get(id) ?? []), open(id)]),
    ask: (id: string) => (take(expected, id) ?? open(id)).promise,
    /** The key itself, else the keys of calls of children with that id. */
    matching: (id: string): readonly string[] =>
      unanswered.has(id) ? [id] : [...unanswered.keys()].filter((key) => key.endsWith(`/${id}`)),
    answer(id: string, answer: Answer): boolean {
      const question = take(unanswered, id)
      question?.resolve(answer)
      return question !== undefined
    },
    close() {
      for (const question of [...unanswered.values()].flat()) question.resolve(null)
      unanswered.clear()
    },
  }
}
