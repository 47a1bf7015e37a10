import { ProviderError, ToolResult, memoryStore, userMessage, type RunEvent } from '@harnext/core'
import type { ProviderAdapter } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { agentOf, record, steady, stub } from './record.ts'

const pixel = 'iVBORw0KGgo='
const price = () => ({ input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 })

const echo = stub('echo', ({ text }) => `${String(text)}!`)
/** Tools of MCP servers have names that a tool of one's own cannot have. */
const named = (name: string, execute: Parameters<typeof stub>[1]) => ({
  ...stub('tool', execute),
  name,
})
const broken = stub('broken', () => {
  throw new Error('no such thing')
})
const shell = stub('bash', ({ command }) => `ran ${String(command)}`, {
  effects: (args) => [{ kind: 'execute', target: (args as { command: string }).command }],
})

/** Runs of every kind, by name. Each is recorded anew in every test: what changes in the core shows here. */
export const scenarios: Readonly<Record<string, () => Promise<readonly RunEvent[]>>> = {
  tools: () =>
    record(
      [
        {
          content: [
            { type: 'thinking', text: 'They want two things at once.' },
            { type: 'text', text: 'I will look at both of them.' },
            call('1', 'echo', { text: 'a' }),
            call('2', 'broken'),
          ],
          usage: { cacheReadTokens: 100, cacheWriteTokens: 20, reasoningTokens: 3 },
        },
        [
          { type: 'text', text: 'One went well, one did not.' },
          { type: 'source', url: 'https://example.org/a', title: 'A' },
        ],
      ],
      { tools: [echo, broken], price },
    ),

  denials: () =>
    record(
      [
        [
          call('1', 'bash', { command: 'ls' }),
          call('2', 'bash', { command: 'rm -r x' }),
          call('3', 'bash', { command: 'date' }),
          call('4', 'bash', { command: 'id' }),
        ],
        'Two were refused.',
      ],
      {
        tools: [shell],
        permissionMode: 'manual',
        rules: [{ tool: 'bash', pattern: 'rm *', decision: 'deny' }],
        onPermission({ id }) {
          if (id === '1') return { decision: 'allow', args: { command: 'ls -a' }, remember: true }
          return id === '3' ? { decision: 'deny', message: 'Not today.' } : true
        },
      },
    ),

  'nobody to ask': () =>
    record([[call('1', 'bash', { command: 'ls' })], 'I may not.'], {
      tools: [shell],
      permissionMode: 'manual',
    }),

  'an error in mid-answer': () =>
    record([
      {
        content: [{ type: 'text', text: 'It begins well' }, call('1', 'echo', { text: 'never' })],
        error: new ProviderError('The stream was cut.', { kind: 'stream_truncated' }),
      },
    ]),

  retries: () =>
    record([
      new ProviderError('Slow down.', {
        kind: 'rate_limit',
        status: 429,
        retryable: true,
        retryAfterMs: 1,
      }),
      'The second try.',
    ]),

  fallback: () => record([], { adapter: falling() }),

  images: () =>
    record(
      [[call('1', 'shot')], 'A picture and a page.'],
      {
        tools: [
          stub('shot', () =>
            ToolResult.ok('seen', {
              content: [
                { type: 'text', text: 'seen' },
                { type: 'image', mediaType: 'image/png', data: pixel },
                { type: 'image', url: 'https://example.org/b.png' },
                { type: 'file', mediaType: 'application/pdf', name: 'page.pdf', data: 'JVBERg==' },
              ],
              changes: ['/project/shot.png'],
            }),
          ),
        ],
      },
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mediaType: 'image/png', data: pixel },
          ],
        },
      ],
    ),

  'calls that cannot run': () =>
    record(
      [
        [
          { ...call('1', 'echo', '{"text": '), invalid: 'The arguments are not JSON.' },
          call('2', 'missing', { a: 1 }),
          call('3', 'strict', { count: 'many' }),
        ],
        'None of them ran.',
      ],
      {
        tools: [
          echo,
          stub('strict', () => 'ran', {
            parameters: { type: 'object', properties: { count: { type: 'number' } } },
          }),
        ],
      },
    ),

  progress: () =>
    record([[call('1', 'mcp__docs__search', { q: 'x' })], 'Found.'], {
      tools: [
        named('mcp:docs.search', async (_, { progress, emit }) => {
          progress({ done: 1, of: 2 })
          // Waits until the reader has taken what came before.
          await emit({ type: 'warning', code: 'slow', message: 'This takes a while.' })
          return { hits: 2 }
        }),
      ],
    }),

  cancelled: async () => {
    const started = Promise.withResolvers<void>()
    const agent = agentOf(
      [
        [
          { type: 'text', text: 'Waiting.' },
          call('1', 'wait'),
          call('2', 'bash', { command: 'ls' }),
        ],
      ],
      {
        permissionMode: 'bypass',
        tools: [
          // Of unknown effects, so that the other call waits for it.
          stub('wait', (_, { signal }) => hang(signal, started.resolve), {
            effects: () => [{ kind: 'unknown' }],
          }),
          shell,
        ],
      },
    )
    const run = agent.run([], 'Go.', { session: 'sess_1' })
    void started.promise.then(() => run.cancel())
    return steadied(collect(run))
  },

  'cancelled in mid-answer': async () => {
    const run = agentOf([], { adapter: halting() }).run([], 'Go.', { session: 'sess_1' })
    const events: RunEvent[] = []
    for await (const event of run) {
      events.push(event)
      if (event.type === 'text') run.cancel()
    }
    return steadied(events)
  },

  'cancelled while it asks': async () => {
    const run = agentOf([[call('1', 'bash', { command: 'ls' })]], {
      tools: [shell],
      permissionMode: 'manual',
      onPermission: 'stream',
    }).run([], 'Go.', { session: 'sess_1' })
    const events: RunEvent[] = []
    for await (const event of run) {
      events.push(event)
      if (event.type === 'permission_request') run.cancel()
    }
    return steadied(events)
  },

  'turn limit': () => record([[call('1', 'echo', { text: 'a' })]], { tools: [echo], maxTurns: 1 }),

  length: () => record([{ content: [{ type: 'text', text: 'And so' }], stopReason: 'length' }]),

  refused: () => record([{ content: [], stopReason: 'refused' }]),

  budget: () =>
    record(
      [{ content: [call('1', 'echo', { text: 'a' })], usage: { inputTokens: 1900 } }, 'Too much.'],
      {
        tools: [echo],
        price,
        maxOutputTokens: 100,
        budget: { maxTokens: 2000, warnAt: [0.5, 0.9] },
      },
    ),

  hooks: () =>
    record([[call('1', 'echo', { text: 'a' })], 'Short again.'], {
      tools: [echo],
      hooks: {
        beforeModel: ({ turn }) =>
          turn === 1
            ? [{ type: 'message', message: userMessage('Remember the milk.', 'reminder') }]
            : [
                {
                  type: 'compaction',
                  tokensBefore: 900,
                  tokensAfter: 90,
                  summary: 'They echoed.',
                  replaced: 4,
                },
              ],
      },
    }),

  steering: async () => {
    const run = agentOf([[call('1', 'echo', { text: 'a' })], 'As you say.'], {
      tools: [
        stub('echo', () => {
          run.steer('Be quick.')
          return 'a!'
        }),
      ],
    }).run([], 'Go.', { session: 'sess_1' })
    return steadied(collect(run))
  },

  subagents: () =>
    record([[call('1', 'task', { prompt: 'look' })], 'It has looked.'], {
      subagents: true,
      tools: [stub('task', child)],
    }),

  resumed: async () => {
    const store = memoryStore()
    const options = { store, tools: [shell], permissionMode: 'manual' } as const
    const first = agentOf([[call('1', 'bash', { command: 'ls' })]], options)
    await first.run([], 'Go.', { session: 'sess_1', onPermission: () => 'defer' }).result
    const second = agentOf(['Resumed and done.'], options)
    return steadied(collect(second.resume('sess_1', { decisions: { '1': true } })))
  },

  paused: () =>
    record([[call('1', 'bash', { command: 'ls' }), call('2', 'echo', { text: 'a' })]], {
      tools: [shell, echo],
      permissionMode: 'manual',
      onPermission: () => 'defer',
    }),
}

async function steadied(
  events: readonly RunEvent[] | Promise<readonly RunEvent[]>,
): Promise<readonly RunEvent[]> {
  return (await events).map(steady)
}

/** Says something, then hands over to another model, which says all of it. */
function falling(): ProviderAdapter {
  const inner = scripted(['The other one answers.'])
  return {
    ...inner,
    async *stream(request, context) {
      yield { type: 'text', text: 'I was about', index: 0 }
      const error = new ProviderError('Overloaded.', { kind: 'overloaded', status: 529 })
      yield { type: 'fallback', from: 'scripted/model-1', to: 'scripted/model-2', error }
      yield* inner.stream(request, context)
    },
  }
}

/** Says something and then nothing more. */
function halting(): ProviderAdapter {
  return {
    id: 'scripted',
    api: 'scripted.script',
    async *stream(_, { signal }) {
      yield { type: 'text', text: 'I was about', index: 0 }
      yield { type: 'tool_input', id: '1', tool: 'echo', delta: '{"text' }
      await hang(signal).catch(() => {})
      throw new ProviderError('The model call was cancelled.', { kind: 'cancelled' })
    },
  }
}

function hang(signal: AbortSignal, begun: () => void = () => {}): Promise<never> {
  begun()
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error('stopped'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}

/** What a subagent puts into its parent's run. */
async function child(
  _: unknown,
  { emit, callId }: Parameters<Parameters<typeof stub>[1]>[1],
): Promise<string> {
  const agentPath = [callId]
  await emit({ type: 'subagent_start', agent: 'explore', id: callId, task: 'look', call: callId })
  await emit({ type: 'turn_start', turn: 1, agentPath })
  await emit({ type: 'text', text: 'I look.', index: 0, agentPath })
  await emit({
    type: 'message',
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: 'I look.' }, call('c1', 'read', { path: 'a' })],
      provider: 'scripted',
      api: 'scripted.script',
      model: 'model-1',
      stopReason: 'tool_calls',
    },
    agentPath,
  })
  await emit({
    type: 'tool_result',
    id: 'c1',
    tool: 'read',
    status: 'ok',
    content: [{ type: 'text', text: 'nothing there' }],
    output: 'nothing there',
    durationMs: 5,
    agentPath,
  })
  await emit({ type: 'turn_end', turn: 1, stopReason: 'tool_calls', agentPath })
  await emit({
    type: 'subagent_end',
    id: callId,
    result: { agent: 'explore', stopReason: 'complete', text: 'Nothing.', turns: 1, toolCalls: 1 },
  })
  return 'Nothing.'
}
