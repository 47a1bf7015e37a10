import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Line {
  readonly type: string
  readonly subtype?: string
}

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

const streamJson = ['-p', '--output-format', 'stream-json']

test('with --output-format stream-json standard output is one message a line', async () => {
  const place = await makePlace()
  const script = [says('I look.', bash('toolu_1', 'echo seen')), says('One\u2028line\u009B2J.')]
  const { url } = await fixtureServer([...script, ...script])
  const run = await harnext([...streamJson, 'look'], { place, url })
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('> bash echo seen') })
  expect(linesOf(run.stdout).filter(({ type }) => type !== 'tool_progress')).toMatchObject([
    { type: 'system', subtype: 'init', cwd: place.cwd, permissionMode: 'auto' },
    {
      type: 'assistant',
      message: { content: [{ text: 'I look.' }, { type: 'tool_use', name: 'bash' }] },
    },
    { type: 'user', message: { content: [{ type: 'tool_result', is_error: false }] } },
    { type: 'assistant', message: { content: [{ text: 'One\u2028line\u009B2J.' }] } },
    { type: 'result', subtype: 'success', result: 'One\u2028line\u009B2J.', num_turns: 2 },
  ])
  // Neither a terminal nor a reader of lines takes what the model says for its own.
  expect(run.stdout).not.toMatch(/[\u2028\u009B]/)

  const partial = await harnext([...streamJson, '--include-partial-messages', 'look'], {
    place,
    url,
  })
  const events = linesOf(partial.stdout).filter(({ type }) => type === 'stream_event')
  expect(events).toContainEqual(
    expect.objectContaining({
      event: expect.objectContaining({ delta: { type: 'text_delta', text: 'I look.' } }),
    }),
  )
  expect(linesOf(run.stdout).some(({ type }) => type === 'stream_event')).toBe(false)
})

const schema = '{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}'

test('with --output-schema the answer is JSON that matches it, and nothing else', async () => {
  const place = await makePlace()
  await writeFile(join(place.cwd, 'schema.json'), schema)
  const { url, requests } = await fixtureServer([
    says('I count.', bash('toolu_1', 'echo a')),
    says('There are 2.'),
    says('{ "count": 2 }'),
    says('{"count":3}'),
    says('{"count":4}'),
    says('no'),
    says('no'),
  ])
  const text = await harnext(['-p', 'count', '--output-schema', 'schema.json'], { place, url })
  expect(text).toMatchObject({ code: 0, stdout: '{"count":2}\n' })
  expect(requests).toHaveLength(3)
  const inline = ['-p', 'count', '--output-schema', schema]
  const json = await harnext([...inline, '--output-format', 'json'], { place, url })
  expect(JSON.parse(json.stdout)).toMatchObject({ output: { count: 3 }, success: true })
  const lines = await harnext([...inline, '--output-format', 'stream-json'], { place, url })
  expect(linesOf(lines.stdout).at(-1)).toMatchObject({ structured_output: { count: 4 } })
  const failed = await harnext(inline, { place, url })
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toContain('The answer does not match outputSchema, also after one repair')
})

test('a schema that makes no sense costs nothing', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([says('{}')])
  const run = await harnext(['-p', 'count', '--output-schema', 'nowhere.json'], { place, url })
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toMatch(/^harnext: --output-schema cannot be read: .*nowhere\.json/)
  expect(requests).toHaveLength(0)
})
