import { expect, test } from 'vitest'
import {
  ConfigError,
  ToolResult,
  noWorkspace,
  tool,
  type ToolContext,
  type Workspace,
} from '../../src/index.ts'
import { stub } from '../run/helpers.ts'

const workspace: Workspace = { ...noWorkspace, roots: ['/w'] }
const context = { workspace } as ToolContext

const run = (value: unknown) => stub('t', () => value).execute({}, context)

test.each(['', 'a b', 'a.b', 'ä', 'x'.repeat(65)])(
  '%j is no name that every provider takes',
  (name) => {
    expect(() => stub(name, () => '')).toThrow(ConfigError)
    expect(() => stub(name, () => '')).toThrow(JSON.stringify(name))
  },
)

test('a name of 64 letters, digits, _ and - is one', () => {
  expect(stub(`${'x'.repeat(60)}_-9Z`, () => '').name).toHaveLength(64)
})

test('text and JSON are successes, nothing is an empty text', async () => {
  for (const [value, output] of [
    ['a', 'a'],
    [{ a: [1] }, { a: [1] }],
    [0, 0],
    [null, null],
    [undefined, ''],
  ] as const)
    expect(await run(value)).toMatchObject({ output, isError: false })
})

test('a ToolResult, and a plain object of its shape, is taken as it is', async () => {
  const content = [{ type: 'text', text: 'for the model' }] as const
  for (const value of [
    new ToolResult({ rows: 3 }, { isError: true, content, changes: ['/elsewhere/a', 'b.ts'] }),
    ToolResult.error({ rows: 3 }, { content, changes: ['/elsewhere/a', 'b.ts'] }),
    { output: { rows: 3 }, isError: true, content, changes: ['/elsewhere/a', 'b.ts'] },
  ])
    expect(await run(value)).toEqual(
      new ToolResult({ rows: 3 }, { isError: true, content, changes: ['/elsewhere/a', '/w/b.ts'] }),
    )
  expect(await run(ToolResult.ok('x'))).toEqual(new ToolResult('x'))
  expect(await run({ output: undefined, isError: false })).toMatchObject({ output: '' })
})

test('an object that only resembles a result is JSON like any other', async () => {
  for (const value of [{ output: 1 }, { output: 1, isError: 'yes' }, { isError: true }])
    expect(await run(value)).toEqual(new ToolResult(value as never))
})

test('what a log could not hold is an error result that says where', async () => {
  const bad = { content: [{ type: 'video', url: 'x' }] }
  for (const [value, where] of [
    [() => 1, 'not JSON at $.'],
    [{ a: [1n] }, 'not JSON at $.a[0].'],
    [{ output: { f: () => 1 }, isError: false }, 'not JSON at $.f.'],
    [{ output: '', isError: false, content: 'text' }, '`content`'],
    [{ output: '', isError: false, content: [null] }, '`content`'],
    [{ output: '', isError: false, content: [{ type: 'text' }] }, '`content`'],
    [{ output: '', isError: false, ...bad }, '`content`'],
  ] as const) {
    const { isError, output } = await run(value)
    expect([isError, output]).toEqual([true, expect.stringContaining(where)])
  }
})

test('what is thrown goes on to who runs the tool', async () => {
  await expect(
    stub('t', () => Promise.reject(new Error('x'))).execute({}, context),
  ).rejects.toThrow('x')
})

test('without effects a tool is an `execute` of its name; effects that are no list are an error', async () => {
  const definition = {
    name: 'deploy',
    description: 'd',
    parameters: { type: 'object' },
    execute: () => '',
  }
  expect(await tool(definition).effects({}, context)).toEqual([
    { kind: 'execute', target: 'deploy' },
  ])
  const wrong = tool({ ...definition, effects: () => undefined as never })
  await expect(wrong.effects({}, context)).rejects.toThrow(
    /effects of tool deploy must be a list; got undefined/,
  )
})

test('what a recovery found out is held to the same as a result', async () => {
  const { recovery } = stub('t', () => '', { recovery: () => 'plain text' as never })
  expect(typeof recovery === 'function' && (await recovery({}, context))).toEqual(
    new ToolResult('plain text'),
  )
  const again = stub('t', () => '', { recovery: async () => 'rerun' as const }).recovery
  expect(typeof again === 'function' && (await again({}, context))).toBe('rerun')
  expect(stub('t', () => '').recovery).toBe('report')
  expect(stub('t', () => '', { recovery: 'rerun' }).recovery).toBe('rerun')
})
