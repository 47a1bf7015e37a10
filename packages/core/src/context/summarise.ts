import { textOf, userMessage, type Message } from '../messages.ts'
import type { ModelEvent, ModelRequest, ProviderAdapter } from '../model/adapter.ts'
import { withoutMiddle } from '../text/without-middle.ts'
import type { Usage } from '../usage.ts'
import { earlierSummary } from './carried.ts'

const SYSTEM = `You shorten a conversation between a user and an agent that works with tools, so that the agent can go on from your text alone. Write under exactly these headings, leave none out, write "none" where there is nothing:

## Goal
## Constraints
## Done
## In progress
## Blocked
## Key decisions
## Next steps
## Critical facts
## Files read
## Files changed

Be precise: names, paths, commands, numbers, error messages as they were. What the user said word for word and the list of open todos are kept beside your text; do not repeat them.`

export const SUMMARY_OUTPUT_TOKENS = 4096
const RESULT_CHARACTERS = 2000

/** The request for a summary of the messages. `mostCharacters`: the middle of a longer conversation is left out. */
export function summaryRequest(
  model: string,
  messages: readonly Message[],
  {
    focus,
    mostCharacters,
    maxOutputTokens,
  }: {
    readonly focus?: string
    readonly mostCharacters: number
    readonly maxOutputTokens: number
  },
): ModelRequest {
  const before = earlierSummary(messages)
  const told = messages.flatMap(asText).join('\n\n')
  const text = [
    ...(before ? [`What was summarised before:\n${before}`] : []),
    `The conversation:\n${withoutMiddle(told, mostCharacters)}`,
    ...(focus ? [`Pay attention above all to: ${focus}`] : []),
  ].join('\n\n')
  return {
    model,
    system: SYSTEM,
    messages: [userMessage(text)],
    maxOutputTokens,
  }
}

/** The text that a model gives, and what it used. Throws what the adapter throws, and for an answer that holds nothing. */
export async function askForText(
  adapter: ProviderAdapter,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly usage: Usage | null }> {
  let text = ''
  let usage: Usage | null = null
  for await (const chunk of adapter.stream(request, { signal }))
    for (const event of (Array.isArray(chunk) ? chunk : [chunk]) as readonly ModelEvent[]) {
      if (event.type === 'part' && event.part.type === 'text') text += event.part.text
      if (event.type === 'finish') usage = event.usage
    }
  if (!text.trim()) throw new Error('The summary holds nothing.')
  return { text: text.trim(), usage }
}

/** A summary without a model: what was done, call by call, and what was said last. */
export function extractiveSummary(messages: readonly Message[]): string {
  const before = earlierSummary(messages)
  const calls = messages.flatMap((message) =>
    message.role === 'assistant'
      ? message.content.flatMap((part) =>
          part.type === 'tool_call'
            ? [`- ${part.tool} ${withoutMiddle(JSON.stringify(part.args), 160)}`]
            : [],
        )
      : [],
  )
  const said = messages.flatMap((message) =>
    message.role === 'assistant' && textOf(message.content)
      ? [withoutMiddle(textOf(message.content), 600)]
      : [],
  )
  return [
    ...(before ? [withoutMiddle(before, 4000)] : []),
    `## Done\n${calls.slice(-40).join('\n') || 'none'}`,
    `## Said last\n${said.slice(-3).join('\n\n') || 'none'}`,
  ].join('\n\n')
}

function asText(message: Message): string[] {
  switch (message.role) {
    case 'user':
      return message.origin === 'summary' ? [] : [`USER: ${textOf(message.content)}`]
    case 'assistant':
      return message.content.flatMap((part) =>
        part.type === 'text'
          ? [`AGENT: ${part.text}`]
          : part.type === 'tool_call'
            ? [`CALL ${part.tool} ${withoutMiddle(JSON.stringify(part.args), RESULT_CHARACTERS)}`]
            : [],
      )
    case 'tool':
      return [
        `RESULT of ${message.tool} (${message.status}): ${withoutMiddle(textOf(message.content), RESULT_CHARACTERS)}`,
      ]
  }
}
