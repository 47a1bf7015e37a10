import type { Json } from '../json.ts'
import type { RunState } from '../run/run-state.ts'
import { toJsonSchema, validatorOf, type JsonSchema, type StandardSchema } from '../tool/schema.ts'
import { tool, type Tool } from '../tool/tool.ts'

const NAME = 'answer'

/**
 * A tool by which the model gives the value of its answer beside the text: it fills the same slot as `outputSchema`, `result.output`.
 * The last call of a run counts. Throws `ConfigError` when the schema cannot give its JSON Schema.
 */
export function answerTool(schema: StandardSchema | JsonSchema = {}): Tool {
  const validate = validatorOf(schema)
  const defined = tool<{ readonly value: Json }>({
    name: NAME,
    description:
      'Gives the value of your answer. Call it once you have it, then say in words what it means.',
    parameters: {
      type: 'object',
      properties: { value: toJsonSchema('answer', schema) },
      required: ['value'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    execute: () => 'The answer is noted.',
  })
  return {
    ...defined,
    async validate(args) {
      const checked = await defined.validate(args)
      if ('issues' in checked) return checked
      const inner = await validate((checked.value as { readonly value: Json }).value)
      return 'issues' in inner ? inner : { value: { value: inner.value } }
    },
  }
}

/** What the last call of `answer` in this run gave; `undefined` where there was none. */
export function answeredValue({ run }: RunState): Json | undefined {
  const step = run.steps.findLast(({ tool: name, status }) => name === NAME && status === 'ok')
  return step && (step.args as { readonly value: Json }).value
}
