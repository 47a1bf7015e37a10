import { ToolResult, tool, type Tool } from '@harnext/core'

export interface UserQuestion {
  readonly question: string
  /** What the person may choose from; empty: they write what they like, which they may in any case. */
  readonly options: readonly string[]
}

export interface AskUserOptions {
  /** Asks the person. `null`: nobody is there. Rejects when the signal aborts. */
  ask(question: UserQuestion, signal: AbortSignal): Promise<string | null>
}

interface AskUserArgs {
  readonly question: string
  readonly options?: readonly string[]
}

/** A question to the person in the middle of a run. Where nobody can be asked, leave the tool out. */
export function askUserTool({ ask }: AskUserOptions): Tool {
  return tool<AskUserArgs>({
    name: 'ask_user',
    description:
      'Asks the user one question, when you cannot find out yourself and the answer changes what you do. Give options where there are a few.',
    parameters: {
      type: 'object',
      properties: {
        question: { type: 'string', minLength: 1 },
        options: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 10 },
      },
      required: ['question'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    async execute({ question, options = [] }, { signal }) {
      const answer = await ask({ question, options }, signal)
      if (answer === null)
        return ToolResult.error(
          'Nobody is there to answer. Decide yourself, and say what you decided.',
        )
      return ToolResult.ok(
        answer.trim() === '' ? '(the user gave no answer)' : `The user answered: ${answer}`,
      )
    },
  })
}
