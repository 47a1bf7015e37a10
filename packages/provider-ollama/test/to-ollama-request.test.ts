import type { ModelRequest, ToolSpec } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { unknownFacts, type ModelFacts } from '../src/model-facts.ts'
import { requestWriter } from '../src/to-ollama-request.ts'
import { request } from './collect.ts'
import { bodyText } from './text-writer.ts'

const write = (given: Partial<ModelRequest>, facts: ModelFacts = unknownFacts) =>
  requestWriter()(request(given), facts)
const body = (given: Partial<ModelRequest>, facts?: ModelFacts) =>
  JSON.parse(bodyText(write(given, facts)))
const codes = (given: Partial<ModelRequest>, facts?: ModelFacts): string[] =>
  write(given, facts).warnings.map(({ code }) => code)

const schema = { type: 'object', properties: { n: { type: 'integer' } } }
const add: ToolSpec = { name: 'add', description: 'Adds.', parameters: schema }
const least = {
  model: 'qwen3:4b',
  stream: true,
  truncate: false,
  shift: false,
  messages: [{ role: 'user', content: 'Hello' }],
}

describe('the request', () => {
  it('is the least that is asked for, and never lets the server forget in silence', () => {
    expect(body({})).toEqual(least)
    expect(body({ system: ' ', tools: [] })).toEqual(least)
  })

  it('begins with the system prompt and describes tools', () => {
    expect(body({ system: 'S', tools: [add] })).toEqual({
      ...least,
      tools: [{ type: 'function', function: add }],
      messages: [{ role: 'system', content: 'S' }, ...least.messages],
    })
    expect(body({ system: 'S', messages: [] }).messages).toHaveLength(1)
  })

  it('serialises a tool once', () => {
    const writer = requestWriter()
    let reads = 0
    const parameters = Object.defineProperty({}, 'type', {
      enumerable: true,
      get: () => ((reads += 1), 'object'),
    })
    const tools = [{ ...add, parameters }]
    for (let turn = 0; turn < 3; turn++) writer(request({ tools }), unknownFacts)
    expect(reads).toBe(1)
  })

  it('says how long the context and the answer may be', () => {
    const facts = { ...unknownFacts, contextLength: 4096 }
    expect(body({ maxOutputTokens: 100 }, facts).options).toEqual({
      num_ctx: 4096,
      num_predict: 100,
    })
    expect(write({}, facts).contextLength).toBe(4096)
    const params = { options: { num_ctx: 512, temperature: 0 } }
    expect(body({ params }, facts).options).toEqual({ num_ctx: 512, temperature: 0 })
    expect(write({ params }, facts).contextLength).toBe(512)
  })

  it('gives no tools where none shall be called, and cannot force a call', () => {
    const tools = [add]
    expect(body({ tools, toolChoice: 'none' })).not.toHaveProperty('tools')
    expect(codes({ tools, toolChoice: 'none' })).toEqual([])
    expect(body({ tools, toolChoice: 'auto' }).tools).toHaveLength(1)
    expect(codes({ tools, toolChoice: 'auto' })).toEqual([])
    for (const toolChoice of ['required', { tool: 'add' }] as const) {
      expect(body({ tools, toolChoice })).not.toHaveProperty('tool_choice')
      expect(codes({ tools, toolChoice })).toEqual(['tool_choice_unsupported'])
    }
  })

  it('asks for a form of the answer where no tools are given', () => {
    expect(body({ output: { schema } }).format).toEqual(schema)
    expect(body({ output: { schema }, tools: [add] })).not.toHaveProperty('format')
    expect(codes({ output: { schema }, tools: [add] })).toEqual(['output_unsupported'])
    expect(body({ output: { schema }, tools: [add], toolChoice: 'none' }).format).toEqual(schema)
  })

  it.each([
    ['qwen3:4b', 'off', false],
    ['qwen3:4b', 'minimal', true],
    ['qwen3:4b', 'max', true],
    ['gpt-oss:20b', 'minimal', 'low'],
    ['gpt-oss:20b', 'medium', 'medium'],
    ['gpt-oss:20b', 'max', 'high'],
  ] as const)('lets %s think: %s', (model, effort, think) => {
    expect(body({ model, effort }).think).toBe(think)
    expect(codes({ model, effort })).toEqual([])
  })

  it('warns where a model cannot think, or cannot stop it', () => {
    const facts = { ...unknownFacts, thinking: false }
    expect(body({ effort: 'high' }, facts)).toEqual(least)
    expect(codes({ effort: 'high' }, facts)).toEqual(['effort_unsupported'])
    expect(codes({ effort: 'off' }, facts)).toEqual([])
    expect(body({ model: 'gpt-oss:20b', effort: 'off' }).think).toBe('low')
    expect(codes({ model: 'gpt-oss:20b', effort: 'off' })).toEqual(['effort_unsupported'])
  })

  it('takes params as they are, tools behind ours, and refuses messages', () => {
    const given = {
      tools: [add],
      effort: 'high',
      params: { think: 'max', truncate: true, keep_alive: '5m', tools: [{ x: 1 }], messages: [] },
    } as const
    expect(body(given)).toEqual({
      ...least,
      truncate: true,
      think: 'max',
      keep_alive: '5m',
      tools: [expect.anything(), { x: 1 }],
    })
    expect(codes(given)).toEqual(['param_unsupported'])
  })

  it('does not change what it was given', () => {
    const given = request({ tools: [add], system: 'S', params: { options: {}, tools: [] } })
    const before = JSON.stringify(given)
    requestWriter()(given, unknownFacts)
    expect(JSON.stringify(given)).toBe(before)
  })
})
