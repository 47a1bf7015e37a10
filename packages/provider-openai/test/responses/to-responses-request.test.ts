import type { Json, ModelRequest, ToolSpec } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { responsesWriter } from '../../src/responses/to-responses-request.ts'
import { request, user } from '../collect.ts'
import { bodyText } from '../text-writer.ts'

const tool = (name: string): ToolSpec => ({
  name,
  description: `Does ${name}`,
  parameters: { type: 'object', properties: {} },
})
const wireTool = (name: string) => ({ type: 'function', ...tool(name), strict: false })
const written = (given: Partial<ModelRequest> = {}): Record<string, Json> =>
  JSON.parse(bodyText(responsesWriter('OpenAI').write(request(given))))
const warningsOf = (given: Partial<ModelRequest>): string[] =>
  responsesWriter('OpenAI')
    .write(request(given))
    .warnings.map(({ code }) => code)

describe('the body', () => {
  it('says what is asked for, and that nothing is to be stored', () => {
    expect(
      written({
        system: 'Be brief.',
        tools: [tool('a'), tool('b')],
        maxOutputTokens: 100,
        cacheKey: 'sess_1',
      }),
    ).toEqual({
      model: 'gpt-5.4',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 100,
      prompt_cache_key: 'sess_1',
      instructions: 'Be brief.',
      tools: [wireTool('a'), wireTool('b')],
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
    })
  })

  it('leaves out what there is not, and ends with the input', () => {
    const body = bodyText(responsesWriter('OpenAI').write(request({ system: ' ', tools: [] })))
    expect(Object.keys(JSON.parse(body))).toEqual(['model', 'stream', 'store', 'include', 'input'])
  })

  it('does not ask models that do not think for their reasoning', () => {
    for (const model of ['gpt-4o', 'gpt-4.1-mini', 'gpt-5-chat-latest', 'ft:gpt-4o:a::b'])
      expect(written({ model })).not.toHaveProperty('include')
    expect(written({ model: 'gpt-4o', params: { include: ['x'] } })['include']).toEqual(['x'])
  })

  it('does not change the request, and is the same each time', () => {
    const given = Object.freeze(request({ tools: [tool('a')], params: { metadata: { a: 'b' } } }))
    const before = JSON.stringify(given)
    const writer = responsesWriter('OpenAI')
    expect(bodyText(writer.write(given))).toBe(bodyText(writer.write(given)))
    expect(JSON.stringify(given)).toBe(before)
  })

  it('replaces half a surrogate pair in the system prompt', () => {
    expect(written({ system: 'a\ud83c' })['instructions']).toBe('a\ufffd')
  })

  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    [{ tool: 'a' }, { type: 'function', name: 'a' }],
  ] as const)('maps the tool choice %o', (toolChoice, expected) => {
    expect(written({ tools: [tool('a')], toolChoice })['tool_choice']).toEqual(expected)
  })

  it('warns when a choice has nothing to choose from', () => {
    expect(written({ toolChoice: 'required' })).not.toHaveProperty('tool_choice')
    expect(warningsOf({ toolChoice: 'required' })).toEqual(['tool_choice_unsupported'])
    expect(warningsOf({ toolChoice: 'auto' })).toEqual([])
  })

  it('asks for a schema under a name that the API takes', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    const format = (name?: string) =>
      written({ output: { schema, ...(name !== undefined && { name }) } })['text']
    const expected = (name: string) => ({
      format: { type: 'json_schema', name, schema, strict: false },
    })
    expect(format()).toEqual(expected('output'))
    expect(format('The answer!')).toEqual(expected('The_answer_'))
  })

  it('keeps a key of the cache within its length, the same for the same', () => {
    const key = (cacheKey: string) => written({ cacheKey })['prompt_cache_key'] as string
    expect(key('x'.repeat(100))).toMatch(/^x+_\w+$/)
    expect(key('x'.repeat(100)).length).toBeLessThanOrEqual(64)
    expect(key('x'.repeat(100))).not.toBe(key('x'.repeat(101)))
  })
})

describe('effort', () => {
  const reasoning = (model: string, effort: ModelRequest['effort']) =>
    written({ model, effort } as ModelRequest)['reasoning']

  it('is left to the model when it is not given', () => {
    expect(written()).not.toHaveProperty('reasoning')
  })

  it.each([
    ['gpt-6.1-terra', ['none', 'low', 'low', 'medium', 'high', 'max']],
    ['gpt-5.6-sol', ['none', 'low', 'low', 'medium', 'high', 'max']],
    ['gpt-5.4', ['none', 'low', 'low', 'medium', 'high', 'xhigh']],
    ['gpt-5.1', ['none', 'low', 'low', 'medium', 'high', 'high']],
    ['gpt-5-mini-2025-08-07', ['minimal', 'minimal', 'low', 'medium', 'high', 'high']],
    ['gpt-5', ['minimal', 'minimal', 'low', 'medium', 'high', 'high']],
    ['gpt-5-pro', ['high', 'high', 'high', 'high', 'high', 'high']],
    ['gpt-5.5-pro', ['medium', 'medium', 'medium', 'medium', 'high', 'xhigh']],
    ['o4-mini', ['low', 'low', 'low', 'medium', 'high', 'high']],
    ['gpt-6.1-sol', ['low', 'low', 'low', 'medium', 'high', 'max']],
    ['never-seen', ['none', 'low', 'low', 'medium', 'high', 'max']],
  ])('of %s', (model, levels) => {
    const efforts = ['off', 'minimal', 'low', 'medium', 'high', 'max'] as const
    for (const [at, effort] of efforts.entries()) {
      const level = levels[at]
      expect(reasoning(model, effort)).toEqual(
        level === 'none' ? { effort: level } : { effort: level, summary: 'auto' },
      )
      const isRefused = effort === 'off' && level !== 'none'
      expect(warningsOf({ model, effort })).toEqual(isRefused ? ['effort_unsupported'] : [])
    }
  })

  it('is left out where a model does not think', () => {
    for (const model of ['gpt-4o', 'gpt-4.1', 'gpt-3.5-turbo', 'ft:gpt-4o-mini:a::b']) {
      expect(written({ model, effort: 'high' })).not.toHaveProperty('reasoning')
      expect(warningsOf({ model, effort: 'high' })).toEqual(['effort_unsupported'])
      expect(warningsOf({ model, effort: 'off' })).toEqual([])
    }
  })
})

describe('params', () => {
  it('go into the body as they are and win', () => {
    const params = { store: true, max_output_tokens: 7, service_tier: 'flex', temperature: 0.5 }
    expect(written({ params, maxOutputTokens: 9 })).toMatchObject(params)
  })

  it('add tools, includes and fields', () => {
    const search = { type: 'web_search' }
    const body = written({
      tools: [tool('a')],
      effort: 'low',
      output: { schema: { type: 'object' } },
      params: {
        tools: [search],
        include: ['web_search_call.action.sources', 'reasoning.encrypted_content'],
        reasoning: { summary: 'detailed', effort: 'xhigh' },
        text: { verbosity: 'low' },
      },
    })
    expect(body['tools']).toEqual([wireTool('a'), search])
    expect(body['include']).toEqual([
      'reasoning.encrypted_content',
      'web_search_call.action.sources',
    ])
    expect(body['reasoning']).toEqual({ effort: 'xhigh', summary: 'detailed' })
    expect(body['text']).toMatchObject({ verbosity: 'low', format: { type: 'json_schema' } })
    expect(written({ params: { tools: [search] } })['tools']).toEqual([search])
    expect(written({ params: { reasoning: null }, effort: 'low' })['reasoning']).toBeNull()
  })

  it('cannot replace the messages, nor leave the answer at the vendor', () => {
    const params = { input: 'x', background: true }
    expect(written({ params })['input']).toHaveLength(1)
    expect(written({ params })).not.toHaveProperty('background')
    expect(warningsOf({ params })).toEqual(['param_unsupported', 'param_unsupported'])
  })
})

describe('counting', () => {
  it('leaves out what is about the answer', () => {
    const body = JSON.parse(
      bodyText(
        responsesWriter('OpenAI').writeForCount(
          request({
            messages: [user('x')],
            system: 's',
            effort: 'low',
            maxOutputTokens: 5,
            cacheKey: 'k',
            tools: [tool('a')],
            toolChoice: 'required',
            params: { temperature: 1, truncation: 'auto', text: { verbosity: 'low' } },
          }),
        ),
      ),
    )
    expect(Object.keys(body).toSorted()).toEqual([
      'input',
      'instructions',
      'model',
      'reasoning',
      'text',
      'tool_choice',
      'tools',
      'truncation',
    ])
  })
})
