import { nearest, validateJson, type JsonObject } from '@harnext/core'

const text = { type: 'string', minLength: 1 } as const
const count = { type: 'integer', minimum: 1 } as const
const list = { type: 'array', items: { type: ['string', 'object'] } } as const

/** What `harnext.config.json` may hold. */
const properties = {
  $schema: { type: 'string' },
  provider: text,
  model: text,
  smallModel: text,
  fallback: { type: 'array', items: text },
  compaction: {
    anyOf: [
      { const: false },
      {
        type: 'object',
        properties: {
          contextWindow: { type: 'integer', minimum: 1000 },
          reserveTokens: { type: 'integer', minimum: 0 },
          keepTokens: { type: 'integer', minimum: 0 },
        },
        additionalProperties: false,
      },
    ],
  },
  baseUrl: text,
  apiKey: text,
  permissionMode: text,
  rules: list,
  permissions: {
    type: 'object',
    properties: { allow: list, ask: list, deny: list },
    additionalProperties: false,
  },
  maxTurns: count,
  maxOutputTokens: count,
  maxRetries: { type: 'integer', minimum: 0 },
  timeout: count,
  idleTimeout: count,
  systemPrompt: { type: 'string' },
  appendSystemPrompt: { type: 'string' },
  instructions: { type: 'boolean' },
  budget: { type: 'object' },
  checks: list,
  audit: { type: ['boolean', 'string'] },
  maxCheckRounds: { type: 'integer', minimum: 0 },
  effort: { enum: ['off', 'minimal', 'low', 'medium', 'high', 'max'] },
  tools: { type: 'array', items: text },
  mcpServers: { type: 'object' },
  undo: { type: 'boolean' },
  hooks: { type: 'object' },
} as const

/** Sentences, each with the path of what is wrong. */
export function checkConfig(config: JsonObject): readonly string[] {
  const names = Object.keys(properties)
  const unknown = Object.keys(config)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = nearest(name, names)
      return `there is no setting ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`
    })
  return [...unknown, ...validateJson({ type: 'object', properties }, config)]
}
