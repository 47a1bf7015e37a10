import type { ModelRequest, ToolSpec } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { requestWriter } from '../src/to-google-request.ts'
import { request, toolSpec, user } from './collect.ts'
import { bodyText } from './text-writer.ts'

const json = { schema: 'json', isVertex: false } as const
const openapi = { schema: 'openapi', isVertex: false } as const
const body = (given: Partial<ModelRequest>, options: typeof json | typeof openapi = json) =>
  JSON.parse(bodyText(requestWriter(options).write(request(given))))
const codes = (given: Partial<ModelRequest>): string[] =>
  requestWriter(json)
    .write(request(given))
    .warnings.map(({ code }) => code)

const schema = {
  type: 'object',
  properties: { n: { type: ['integer', 'null'] } },
  additionalProperties: false,
}
const add: ToolSpec = { name: 'add', description: 'Adds.', parameters: schema }

describe('the request', () => {
  it('is the least that is asked for', () => {
    expect(body({})).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] })
    expect(body({ system: ' ', tools: [] })).toEqual(body({}))
  })

  it('describes tools in JSON Schema, or in the older language where that is asked for', () => {
    expect(body({ tools: [add, toolSpec('none')] })).toMatchObject({
      tools: [
        {
          functionDeclarations: [
            { name: 'add', description: 'Adds.', parametersJsonSchema: schema },
            { name: 'none', parametersJsonSchema: { type: 'object', properties: {} } },
          ],
        },
      ],
    })
    const [{ functionDeclarations }] = body({ tools: [add, toolSpec('none')] }, openapi).tools
    expect(functionDeclarations).toEqual([
      {
        name: 'add',
        description: 'Adds.',
        parameters: { type: 'OBJECT', properties: { n: { type: 'INTEGER', nullable: true } } },
      },
      { name: 'none', description: 'none' },
    ])
  })

  it('serialises a tool once', () => {
    const { write } = requestWriter(json)
    let reads = 0
    const parameters = Object.defineProperty({}, 'type', {
      enumerable: true,
      get: () => ((reads += 1), 'object'),
    })
    const tools = [{ ...add, parameters }]
    for (let turn = 0; turn < 3; turn++) write(request({ tools }))
    expect(reads).toBe(1)
  })

  it.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [{ tool: 'add' }, { mode: 'ANY', allowedFunctionNames: ['add'] }],
  ] as const)('chooses tools: %o', (toolChoice, functionCallingConfig) => {
    expect(body({ tools: [add], toolChoice }).toolConfig).toEqual({ functionCallingConfig })
  })

  it('warns of a choice without tools', () => {
    expect(body({ toolChoice: 'required' })).not.toHaveProperty('toolConfig')
    expect(codes({ toolChoice: 'required' })).toEqual(['tool_choice_unsupported'])
    expect(codes({ toolChoice: 'auto' })).toEqual([])
  })

  it('asks for a form of the answer', () => {
    const output = { schema }
    expect(body({ output }).generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    })
    expect(body({ output }, openapi).generationConfig).toMatchObject({
      responseSchema: { type: 'OBJECT' },
    })
    expect(body({ output, tools: [add] }).generationConfig).toHaveProperty('responseJsonSchema')
    const beside = { output, tools: [add], model: 'gemini-2.5-flash' }
    expect(body(beside)).not.toHaveProperty('generationConfig')
    expect(codes(beside)).toEqual(['output_unsupported'])
  })

  it('merges params: fields of the configurations, tools behind ours, all else as it is', () => {
    const given: Partial<ModelRequest> = {
      tools: [add],
      toolChoice: 'required',
      maxOutputTokens: 100,
      system: 'ours',
      params: {
        generationConfig: { temperature: 0, maxOutputTokens: 50 },
        toolConfig: {
          includeServerSideToolInvocations: true,
          functionCallingConfig: { streamFunctionCallArguments: true },
        },
        tools: [{ googleSearch: {} }],
        safetySettings: [{ category: 'x' }],
        systemInstruction: { parts: [{ text: 'theirs' }] },
        contents: [],
      },
    }
    expect(body(given)).toEqual({
      tools: [{ functionDeclarations: [expect.anything()] }, { googleSearch: {} }],
      systemInstruction: { parts: [{ text: 'theirs' }] },
      toolConfig: {
        includeServerSideToolInvocations: true,
        functionCallingConfig: { mode: 'ANY', streamFunctionCallArguments: true },
      },
      generationConfig: { maxOutputTokens: 50, temperature: 0 },
      safetySettings: [{ category: 'x' }],
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    })
    expect(codes(given)).toEqual(['param_unsupported'])
  })

  it('leaves out what is part of cached content', () => {
    const params = { cachedContent: 'cachedContents/1' }
    const given: Partial<ModelRequest> = {
      params,
      system: 'S',
      tools: [add],
      toolChoice: 'required',
    }
    expect(body(given)).toEqual({ ...params, contents: [expect.anything()] })
    expect(codes(given)).toEqual(['param_conflict'])
    expect(codes({ params })).toEqual([])
  })

  it('goes on with an answer by its token', () => {
    const data = { continuationToken: 'dG9r' }
    const opaque = { by: 'google.generateContent', model: 'm', data }
    const paused = {
      role: 'assistant' as const,
      content: [{ type: 'provider' as const, opaque }],
      provider: 'google',
      api: 'google.generateContent',
      model: 'm',
      stopReason: 'pause' as const,
    }
    expect(body({ messages: [user('q'), paused] })).toEqual({
      continuationToken: 'dG9r',
      contents: [{ role: 'user', parts: [{ text: 'q' }] }],
    })
  })

  it('does not change what it was given', () => {
    const given = request({
      tools: [add],
      system: 'S',
      output: { schema },
      params: { tools: [{ x: 1 }], toolConfig: {}, generationConfig: {} },
    })
    const before = JSON.stringify(given)
    requestWriter(json).write(given)
    requestWriter(openapi).write(given)
    expect(JSON.stringify(given)).toBe(before)
  })

  it('has no half characters', () => {
    const given = request({ system: 'x\ud83c', tools: [{ ...add, description: 'y\ud83c' }] })
    const sent = bodyText(requestWriter(json).write(given))
    expect(sent).not.toContain('\\ud83c')
  })
})

describe('effort', () => {
  const thinking = (model: string, effort: ModelRequest['effort']) =>
    body({ model, ...(effort && { effort }) }).generationConfig?.thinkingConfig

  it('is not mentioned unless it is asked for', () => {
    expect(thinking('gemini-3.8-flash', undefined)).toBeUndefined()
  })

  it.each([
    ['gemini-3.8-flash', 'minimal', 'LOW'],
    ['gemini-3.5-flash', 'minimal', 'MINIMAL'],
    ['gemini-3.5-flash', 'low', 'LOW'],
    ['gemini-3.5-flash', 'medium', 'MEDIUM'],
    ['gemini-3.5-flash', 'high', 'HIGH'],
    ['gemini-3.5-flash', 'max', 'HIGH'],
    ['publishers/google/models/gemini-9', 'minimal', 'LOW'],
  ] as const)('is a level for newer models: %s %s', (model, effort, thinkingLevel) => {
    expect(thinking(model, effort)).toEqual({ thinkingLevel, includeThoughts: true })
    expect(codes({ model, effort })).toEqual([])
  })

  it.each([
    ['gemini-2.5-flash', 'minimal', 512],
    ['gemini-2.5-flash', 'max', 24_576],
    ['gemini-2.5-pro', 'max', 32_768],
    ['gemini-2.5-flash-lite-preview-06-17', 'medium', 8192],
  ] as const)('is a number of tokens for older ones: %s %s', (model, effort, thinkingBudget) => {
    expect(thinking(model, effort)).toEqual({ thinkingBudget, includeThoughts: true })
  })

  it('is off where that is possible, and the least with a warning where it is not', () => {
    expect(thinking('gemini-2.5-flash', 'off')).toEqual({ thinkingBudget: 0 })
    expect(codes({ model: 'gemini-2.5-flash', effort: 'off' })).toEqual([])
    expect(thinking('gemini-2.5-pro', 'off')).toEqual({ thinkingBudget: 128 })
    expect(codes({ model: 'gemini-2.5-pro', effort: 'off' })).toEqual(['effort_unsupported'])
    expect(thinking('gemini-3.5-flash', 'off')).toEqual({ thinkingLevel: 'MINIMAL' })
    expect(codes({ model: 'gemini-3.5-flash', effort: 'off' })).toEqual(['effort_unsupported'])
  })

  it('means nothing to models that do not think', () => {
    const model = 'gemini-2.0-flash'
    expect(thinking(model, 'high')).toBeUndefined()
    expect(codes({ model, effort: 'high' })).toEqual(['effort_unsupported'])
    expect(codes({ model, effort: 'off' })).toEqual([])
  })
})
