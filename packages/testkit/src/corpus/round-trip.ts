import { userMessage, type AssistantMessage, type Message } from '@harnext/core/provider'
import type { CorpusFile } from './corpus-file.ts'

/**
 * What a vendor gave to come back: strings of its answer that are no words for a person, and that the recorded client sent back in its
 * next request. Whoever goes on with the conversation has to send them too.
 */
export function owedTo(file: CorpusFile, next: CorpusFile): readonly string[] {
  const sent = new Set<string>()
  collectSigned(next.request?.body, sent)
  return [...sent].filter((value) => file.response.body.includes(JSON.stringify(value)))
}

/** Under which names vendors keep what nobody else reads. */
const signed = /^(signature|encrypted_content|thoughtSignature|thought_signature|data)$/

/** Short values, and pictures, are something else. */
const SHORTEST = 24

function collectSigned(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value))
    if (typeof item === 'string') {
      if (signed.test(key) && item.length >= SHORTEST) found.add(item)
    } else collectSigned(item, found)
}

/** A conversation that goes on after the answer: every call gets a result, and the person says something. */
export function continued(answer: AssistantMessage): Message[] {
  const results = answer.content.flatMap((part): Message[] =>
    part.type === 'tool_call'
      ? [
          {
            role: 'tool',
            id: part.id,
            tool: part.tool,
            status: 'ok',
            content: [{ type: 'text', text: 'done' }],
          },
        ]
      : [],
  )
  return [userMessage('Hello'), answer, ...results, userMessage('Go on.')]
}

/** The next step of each file's session, where it was recorded. */
export function nextSteps(files: readonly CorpusFile[]): ReadonlyMap<CorpusFile, CorpusFile> {
  const next = new Map<CorpusFile, CorpusFile>()
  for (const steps of Map.groupBy(files, ({ session }) => session.id).values()) {
    const ordered = steps.toSorted((a, b) => a.session.step - b.session.step)
    for (const [at, file] of ordered.entries()) {
      const following = ordered[at + 1]
      if (following && file.session.id !== '') next.set(file, following)
    }
  }
  return next
}
