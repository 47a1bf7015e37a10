import {
  Agent,
  loadSession,
  memoryStore,
  noWorkspace,
  tool,
  type LoadedSession,
} from '@harnext/core'
import { call, scripted, type ScriptedStep } from '@harnext/core/testing'
import { anthropic } from '@harnext/provider-anthropic'
import { google } from '@harnext/provider-google'
import { ollama } from '@harnext/provider-ollama'
import { openai, openaiChat } from '@harnext/provider-openai'
import { expectStablePrefix, type AdapterFactory } from '@harnext/testkit'
import { beforeAll, expect, it } from 'vitest'

let session: LoadedSession

/** Calls in a row, several at once, a reminder, what a person said meanwhile, a tool that is loaded, a compaction, a second run. */
beforeAll(async () => {
  const store = memoryStore()
  const look = (name: string, loadable = false) =>
    tool({
      name,
      description: name,
      parameters: { type: 'object', properties: { at: { type: 'number' } } },
      effects: () => [],
      ...(loadable && { loadable }),
      execute: () => `${name}: "{}]" ${'line\n'.repeat(800)}`,
    })
  const used = { usage: null }
  const looks: ScriptedStep[] = Array.from({ length: 12 }, (_, n) => ({
    content: [
      { type: 'text', text: `Step ${n}` },
      call(`a${n}`, 'look', { at: n }),
      call(`b${n}`, 'look', { at: -n }),
    ],
    ...used,
  }))
  const agent = new Agent({
    name: 'test',
    adapter: scripted([
      [call('l', 'load_tools', { names: ['touch'] })],
      () => {
        run.steer('Mind the {"gap": [1]}')
        return [call('t', 'touch')]
      },
      ...looks,
      'done',
      [call('z', 'look')],
      'done again',
    ]),
    model: 'm',
    workspace: noWorkspace,
    tools: [look('look'), look('touch', true)],
    compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
    store,
  })
  const run = agent.run([], 'Begin.')
  const { sessionId } = await run.result
  await agent.run([], 'And now?', { session: sessionId }).result
  session = await loadSession(store, sessionId)
})

it('the session has what may change the beginning of a request', () => {
  const types = session.events.map(({ type }) => type)
  expect(types).toEqual(expect.arrayContaining(['compaction', 'cache_break', 'prompt']))
})

const factories: readonly [string, AdapterFactory][] = [
  ['Anthropic', anthropic],
  ['OpenAI', openai],
  ['OpenAI’s Chat API', openaiChat],
  ['Google', google],
  ['Ollama', ollama],
]

it.each(factories)(
  '%s gets each request with the one before it as its beginning',
  async (_name, factory) => {
    expect(await expectStablePrefix(session, factory)).toBe(17)
  },
)

it.each(factories)('%s: a message that is changed afterwards is found', async (_name, factory) => {
  let sent = 0
  const changing: AdapterFactory = (options) => {
    const adapter = factory(options)
    return {
      ...adapter,
      stream(request, context) {
        sent += 1
        const [first, ...others] = request.messages
        const said = { role: 'user', content: [{ type: 'text', text: `It is ${sent}.` }] } as const
        return adapter.stream(
          { ...request, messages: [said, ...(first ? [first] : []), ...others] },
          context,
        )
      },
    }
  }
  await expect(expectStablePrefix(session, changing)).rejects.toThrow(
    /^request 2 does not begin as the one before it/,
  )
  const renaming: AdapterFactory = (options) => {
    const adapter = factory(options)
    return {
      ...adapter,
      stream: (request, context) =>
        adapter.stream(
          { ...request, tools: [...(request.tools ?? [])].slice(sent++ % 2) },
          context,
        ),
    }
  }
  await expect(expectStablePrefix(session, renaming)).rejects.toThrow(/outside of its messages/)
})
