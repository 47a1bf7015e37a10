import { expect, test } from 'vitest'
import { toResult, visibleJson } from '../src/result.ts'
import { scenario, serversOf, stepsOf } from './support/world.ts'

const text = (value: string) => ({ type: 'text' as const, text: value })

test('every kind of content has a place', () => {
  const { content, isError } = toResult({
    isError: true,
    content: [
      text('hello'),
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'image', mimeType: 'image/tiff', data: 'AAAA' },
      { type: 'audio', mimeType: 'audio/wav', data: 'AAAA' },
      { type: 'resource_link', uri: 'a://b', name: 'b', description: 'About b' },
      { type: 'resource', resource: { uri: 'a://c', text: 'see' } },
      { type: 'resource', resource: { uri: 'a://d', blob: 'AAAA', mimeType: 'image/png' } },
    ],
  })
  expect(isError).toBe(true)
  expect(content).toEqual([
    text('hello'),
    { type: 'image', mediaType: 'image/png', data: 'AAAA' },
    text('[image/tiff, 1 KB: not shown]'),
    text('[audio, audio/wav, 1 KB: not shown]'),
    text('[resource b: a://b (About b)]'),
    text('[resource a://c]\nsee'),
    text('[resource a://d]'),
    { type: 'image', mediaType: 'image/png', data: 'AAAA' },
  ])
})

test('a structured answer counts where there is no other', () => {
  expect(toResult({ content: [], structuredContent: { a: 1 } }).output).toBe('{"a":1}')
  expect(toResult({ content: [text('one')], structuredContent: { a: 1 } }).output).toBe('one')
  expect(toResult({ content: [] }).output).toBe('')
})

test('what hides in a text is seen', () => {
  const hidden = `a\u{E0041}\u200B\u202E\u001B[2J`
  expect(toResult({ content: [text(hidden)] }).output).toBe('a<U+E0041><U+200B><U+202E>␛[2J')
  expect(visibleJson({ [`k\u200B`]: [hidden, 1, null] })).toEqual({
    'k<U+200B>': ['a<U+E0041><U+200B><U+202E>␛[2J', 1, null],
  })
})

test('a result is bounded: its text, its parts and its pictures', () => {
  const long = toResult({ content: [text(`${'a'.repeat(1e6)}end`)] })
  expect((long.output as string).length).toBeLessThan(101_000)
  expect(long.output).toMatch(/900003 characters are left out here.*\naaa.*end$/s)
  const many = toResult({ content: Array.from({ length: 500 }, () => text('x'.repeat(10_000))) })
  expect((many.output as string).length).toBeLessThan(210_000)
  const image = { type: 'image' as const, mimeType: 'image/png', data: 'AAAA' }
  expect(toResult({ content: Array.from({ length: 50 }, () => image) }).content).toHaveLength(10)
})

test('many tools of one server have to be searched for, and a huge schema is left out', async () => {
  const huge = { type: 'object', properties: {}, description: 'x'.repeat(50_000) }
  const mcp = await serversOf({
    s: scenario({ toolCount: 5000, tools: [{ name: 'huge', inputSchema: huge }] }),
  })
  const opened = await mcp.open({
    signal: new AbortController().signal,
    workspace: undefined as never,
  })
  await opened.close()
  expect(opened.tools.length).toBeLessThanOrEqual(2000)
  expect(opened.tools.every(({ loadable }) => loadable)).toBe(true)
  expect(opened.warnings?.map(({ message }) => message).join('\n')).toMatch(
    /huge .* is left out: its schema has.*offers 5001 tools.*search for them/s,
  )
})

test('only what `allow` names is there', async () => {
  const tools = ['read_a', 'read_b', 'write_a', 'a_read'].map((name) => ({ name }))
  const mcp = await serversOf({ s: { ...scenario({ tools }), allow: ['read_*', '*_a*'] } })
  expect((await mcp.tools('s')).map(({ name }) => name)).toEqual([
    'mcp:s.read_a',
    'mcp:s.read_b',
    'mcp:s.write_a',
  ])
  const [step] = await stepsOf(mcp, [['mcp__s__a_read']])
  expect(step).toMatchObject({ status: 'error', reason: 'invalid' })
})
