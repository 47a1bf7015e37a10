// The tool of every contestant.

export const toolName = 'noop'
export const toolDescription = 'Does nothing.'
export const toolSchema = {
  type: /** @type {const} */ ('object'),
  properties: { i: { type: 'number' } },
  additionalProperties: true,
}
