import { answeredValue } from '../context/answer-tool.ts'
import { ValidationError, messageOf } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Json, JsonObject } from '../json.ts'
import { textOf, userMessage } from '../messages.ts'
import type { RunState } from '../run/run-state.ts'
import { nextStep } from '../run/state.ts'
import {
  toJsonSchema,
  validatorOf,
  type JsonSchema,
  type StandardSchema,
  type Validation,
} from '../tool/schema.ts'

/** Holds the last answer of a run to a schema. */
export interface OutputCheck {
  readonly schema: JsonObject
  /** Joins the input: not every model can be held to a schema by its vendor. */
  readonly instruction: RunEvent
  /**
   * What to say to a model that is done with an answer that does not fit: once. Empty while it is not done, or when the answer fits.
   * Throws `ValidationError` when the second answer does not fit either.
   */
  repair(state: RunState): Promise<readonly RunEvent[]>
  /** The value of the last answer that was checked; `null` while there is none. */
  value(): unknown
}

const MARK = 'Your last answer is not what was asked for: '

/** Throws `ConfigError` when the schema cannot give its JSON Schema. */
export function createOutputCheck(given: StandardSchema | JsonSchema): OutputCheck {
  const schema = toJsonSchema('outputSchema', given)
  const validate = validatorOf(given)
  let value: unknown = null
  return {
    schema,
    instruction: reminder(
      `When you are done, answer with one JSON value and nothing else. It must match this JSON Schema:\n${JSON.stringify(schema)}`,
    ),
    async repair(state) {
      const step = nextStep(state)
      if (step.do !== 'end' || step.stopReason !== 'complete') return []
      const answered = answeredValue(state)
      const checked = await (answered === undefined
        ? check(lastText(state), validate)
        : validate(answered))
      if (!('issues' in checked)) {
        value = checked.value
        return []
      }
      const { issues } = checked
      if (wasRepaired(state))
        throw new ValidationError(
          `The answer does not match outputSchema, also after one repair: ${issues.join('; ')}`,
          issues,
        )
      return [reminder(`${MARK}${issues.join('; ')}. Answer again with the JSON value alone.`)]
    },
    value: () => value,
  }
}

function reminder(text: string): RunEvent {
  return { type: 'message', message: userMessage(text, 'reminder') }
}

function lastText({ messages }: RunState): string {
  const last = messages.at(-1)
  return last?.role === 'assistant' ? textOf(last.content) : ''
}

/** Follows from the log, so that a resumed run does not ask again. */
function wasRepaired({ messages, run }: RunState): boolean {
  return messages
    .slice(run.from)
    .some(
      (message) =>
        message.role === 'user' &&
        message.origin === 'reminder' &&
        textOf(message.content).startsWith(MARK),
    )
}

async function check(
  text: string,
  validate: (value: Json) => PromiseLike<Validation> | Validation,
): Promise<Validation> {
  let value: Json
  try {
    value = JSON.parse(unfenced(text))
  } catch (error) {
    return { issues: [`it is not JSON (${messageOf(error)})`] }
  }
  return validate(value)
}

/** Many models put JSON into a code block. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*$/s.exec(text)?.[1] ?? text
}
