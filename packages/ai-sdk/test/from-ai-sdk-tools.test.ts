import { Agent, ConfigError, type RunEvent } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { dynamicTool, jsonSchema, tool, type ToolSet } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromAiSdkTools, type AiSdkToolsOptions } from '../src/index.ts'

const place = z.object({ place: z.string() })

async function run(
  tools: ToolSet,
  args: object,
  options: AiSdkToolsOptions & { readonly permissionMode?: 'auto' | 'plan' } = {},
) {
  const { permissionMode = 'auto', ...given } = options
  const adapter = scripted([[call('1', Object.keys(tools)[0] ?? '', args as never)], 'Done.'])
  const agent = new Agent({
    name: 'test',
    model: 'any',
    adapter,
    permissionMode,
    tools: fromAiSdkTools(tools, given),
  })
  const live = agent.run([], 'Go')
  const events: RunEvent[] = await collect(live)
  const { steps, messages } = await live.result
  return { step: steps[0], events, specs: adapter.requests[0]?.tools, message: messages[2] }
}

describe('tools of the AI SDK', () => {
  it('run with a zod schema', async () => {
    const seen: unknown[] = []
    const weather = tool({
      description: 'The weather',
      inputSchema: place,
      execute({ place: where }, { toolCallId, abortSignal, messages }) {
        seen.push(toolCallId, abortSignal instanceof AbortSignal, messages)
        return { where, sky: 'blue' }
      },
    })
    const { step, specs } = await run({ weather }, { place: 'Rome' })
    expect(step).toMatchObject({ status: 'ok', output: '{"where":"Rome","sky":"blue"}' })
    expect(seen).toEqual(['1', true, []])
    expect(specs).toMatchObject([
      { name: 'weather', description: 'The weather', parameters: { required: ['place'] } },
    ])
    const invalid = await run({ weather }, { place: 1 })
    expect(invalid.step).toMatchObject({ status: 'error', reason: 'invalid' })
  })

  it('run with a JSON Schema, which holds also where nobody checks', async () => {
    const schema = jsonSchema<{ a: number }>({
      type: 'object',
      properties: { a: { type: 'number' } },
      required: ['a'],
    })
    const double = dynamicTool({
      description: 'Doubles',
      inputSchema: schema,
      execute: (input) => (input as { a: number }).a * 2,
    })
    expect((await run({ double }, { a: 4 })).step?.output).toBe('8')
    expect((await run({ double }, {})).step).toMatchObject({ reason: 'invalid' })
    const checked = jsonSchema<{ a: number }>(
      { type: 'object' },
      { validate: () => ({ success: false, error: new Error('never') }) },
    )
    const never = tool({ inputSchema: checked, execute: () => 1 })
    expect((await run({ never }, {})).step?.output).toContain('never')
  })

  it('report as they go: the last value is the result', async () => {
    const count = tool({
      inputSchema: z.object({}),
      async *execute() {
        yield 1
        yield 2
        yield 3
      },
    })
    const { step, events } = await run({ count }, {})
    expect(step?.output).toBe('3')
    const updates = events.flatMap((event) =>
      event.type === 'tool_progress' ? [event.update] : [],
    )
    expect(updates.at(-1)).toBe(2)
  })

  it('show the model what toModelOutput says', async () => {
    const draw = tool({
      inputSchema: z.object({}),
      execute: () => 'AQID',
      toModelOutput: ({ output }) => ({
        type: 'content',
        value: [
          { type: 'text', text: 'Drawn.' },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: output } },
          { type: 'file', mediaType: 'text/plain', data: { type: 'text', text: '!' } },
        ],
      }),
    })
    const { message } = await run({ draw }, {})
    expect(message?.content).toEqual([
      { type: 'text', text: 'Drawn.' },
      { type: 'image', mediaType: 'image/png', data: 'AQID' },
      { type: 'text', text: '!' },
    ])
    const fail = tool({
      inputSchema: z.object({}),
      execute: () => 1,
      toModelOutput: () => ({ type: 'error-text', value: 'Broken.' }),
    })
    expect((await run({ fail }, {})).step).toMatchObject({ status: 'error', output: 'Broken.' })
  })

  it('are an error of the call when they throw', async () => {
    const fail = tool({
      inputSchema: z.object({}),
      execute: (): string => {
        throw new Error('No such place.')
      },
    })
    expect((await run({ fail }, {})).step).toMatchObject({
      status: 'error',
      output: 'No such place.',
    })
  })

  it('count as something that runs, or as what you say; one that needs approval is asked for', async () => {
    const look = tool({ inputSchema: z.object({}), execute: () => 'seen' })
    expect((await run({ look }, {}, { permissionMode: 'plan' })).step?.status).toBe('denied')
    const effects = { look: () => [] }
    expect((await run({ look }, {}, { permissionMode: 'plan', effects })).step?.status).toBe('ok')
    const pay = tool({
      inputSchema: z.object({ amount: z.number() }),
      needsApproval: ({ amount }) => amount > 10,
      execute: () => 'paid',
    })
    expect((await run({ pay }, { amount: 5 })).step?.status).toBe('ok')
    expect((await run({ pay }, { amount: 50 })).step?.status).toBe('denied')
  })

  it('are refused when harnext cannot run them', () => {
    expect(() => fromAiSdkTools({ ask: { inputSchema: z.object({}) } })).toThrow(/no execute/)
    const search = { type: 'provider', inputSchema: z.object({}) }
    expect(() => fromAiSdkTools({ search })).toThrow(/params\.tools/)
    const later = { inputSchema: jsonSchema(Promise.resolve({})), execute: () => 1 }
    expect(() => fromAiSdkTools({ later })).toThrow(/promise/)
    expect(() => fromAiSdkTools({ none: { inputSchema: 7, execute: () => 1 } })).toThrow(
      ConfigError,
    )
  })
})
