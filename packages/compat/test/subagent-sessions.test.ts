import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { ProviderError, textOf, type JsonObject, type Message } from '@harnext/core'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import {
  Agent,
  type SessionEvent,
  type SubagentSessionMetadata,
  type SubagentSessionsConfig,
} from '../src/openharness.ts'
import { fileStore } from './file-store.ts'
import { temporary } from './temporary.ts'

const task = (session: JsonObject | undefined, prompt = 'Do it', agent = 'helper') =>
  call('1', 'task', { agent, prompt, ...(session && { session }) })

/** An agent with a helper, both new, over the given sessions. */
async function delegate(
  subagentSessions: SubagentSessionsConfig,
  calls: readonly ReturnType<typeof task>[],
  answers: readonly ScriptedStep[],
) {
  const child = scripted(answers)
  const named = (name: string) => new Agent({ name, model: { adapter: child, model: 'm' } })
  const agent = new Agent({
    name: 'dev',
    model: { adapter: scripted([...calls.map((each) => [each]), 'Done.']), model: 'm' },
    subagents: [named('helper'), named('other')],
    subagentSessions,
  })
  const events = await collect(agent.run([], 'Go'))
  return { child, output: events.flatMap(outcome) }
}

function outcome(event: SessionEvent): string[] {
  if (event.type === 'tool.done') return [event.output]
  return event.type === 'tool.error' ? [event.error] : []
}

function idOf(output: readonly string[]): string {
  return /session_id="([^"]+)"/.exec(output[0] ?? '')?.[1] ?? ''
}

function texts(messages: readonly Message[] | undefined): readonly string[] {
  return (messages ?? []).map(({ content }) => textOf(content))
}

test('a session of a subagent is gone on with by another agent, and by another process', async () => {
  const folder = await temporary()
  const messages = fileStore(folder)
  const first = await delegate({ messages }, [task({ mode: 'new' }, 'Remember seven')], ['I do.'])
  const id = idOf(first.output)
  expect(id).toMatch(/^helper-[\da-f]{12}-1$/)

  const second = await delegate({ messages }, [task({ mode: 'resume', id }, 'Say it')], ['Seven.'])
  expect(second.output[0]).toContain('Seven.')
  expect(texts(second.child.requests[0]?.messages)).toEqual(['Remember seven', 'I do.', 'Say it'])

  const script = path.join(import.meta.dirname, 'resume-subagent.ts')
  const given = ['--conditions=@harnext/source', script, folder, id]
  const { stdout } = await promisify(execFile)(process.execPath, given, { timeout: 60_000 })
  expect(stdout).toContain('It was seven.')
  expect(stdout).toContain('Remember seven')
  const kept = await messages.load(id)
  expect(texts(kept ?? [])).toEqual([
    'Remember seven',
    'I do.',
    'Say it',
    'Seven.',
    'Which number?',
    'It was seven.',
  ])
})

test('a copy has an id of its own and leaves the session as it is', async () => {
  const messages = fileStore(await temporary())
  const sessions = { messages, defaultMode: 'new' } as const
  const first = await delegate(sessions, [task(undefined, 'One')], ['First.'])
  const id = idOf(first.output)
  const fork = await delegate(sessions, [task({ mode: 'fork', id }, 'Two')], ['Second.'])
  const copy = idOf(fork.output)
  expect(copy).not.toBe(id)
  expect(texts((await messages.load(id)) ?? [])).toEqual(['One', 'First.'])
  expect(texts((await messages.load(copy)) ?? [])).toEqual(['One', 'First.', 'Two', 'Second.'])
})

test('stateless is the default, and keeps nothing', async () => {
  const folder = await temporary()
  await delegate({ messages: fileStore(folder) }, [task(undefined)], ['Done.'])
  expect(await readdir(folder)).toEqual([])
  const wrong = { messages: fileStore(folder), defaultMode: 'resume' as 'new' }
  await expect(delegate(wrong, [], [])).rejects.toThrow('stateless or new; got "resume"')
})

test('nobody else’s session, none that is not there, and none that another goes on with', async () => {
  const messages = fileStore(await temporary())
  const kept = new Map<string, SubagentSessionMetadata>()
  const metadata = {
    load: (id: string) => kept.get(id),
    save: (each: SubagentSessionMetadata) => void kept.set(each.sessionId, each),
  }
  const sessions = { messages, metadata }
  const { output } = await delegate(sessions, [task({ mode: 'new' })], ['Done.'])
  const id = idOf(output)
  expect([...kept.values()]).toEqual([{ sessionId: id, agentName: 'helper' }])

  const other = await delegate(sessions, [task({ mode: 'resume', id }, 'Go', 'other')], [])
  expect(other.output[0]).toContain('belongs to another agent than other')
  const none = await delegate(sessions, [task({ mode: 'resume', id: 'helper-9' })], [])
  expect(none.output[0]).toContain('There is no agent session "helper-9"')

  const late: ScriptedStep = async () => {
    await messages.save(id, [])
    return 'My answer.'
  }
  const raced = await delegate(sessions, [task({ mode: 'resume', id })], [late])
  expect(raced.output[0]).toContain('could not be kept: somebody else went on with it')
  expect(raced.output[0]).toContain('My answer.')
  expect(await messages.load(id)).toEqual([])
})

test('within one run the store is the truth: what another has said since is there', async () => {
  const messages = fileStore(await temporary())
  let id = ''
  const between: ScriptedStep = async ({ messages: said }) => {
    id = /session_id="([^"]+)"/.exec(JSON.stringify(said).replaceAll('\\"', '"'))?.[1] ?? ''
    await delegate({ messages }, [task({ mode: 'resume', id }, 'In between')], ['Between.'])
    return [task({ mode: 'resume', id }, 'And now?')]
  }
  const child = scripted(['First.', 'Last.'])
  const agent = new Agent({
    name: 'dev',
    model: { adapter: scripted([[task({ mode: 'new' }, 'Begin')], between, 'Done.']), model: 'm' },
    subagents: [new Agent({ name: 'helper', model: { adapter: child, model: 'm' } })],
    subagentSessions: { messages },
  })
  await collect(agent.run([], 'Go'))
  expect(texts(child.requests[1]?.messages)).toEqual([
    'Begin',
    'First.',
    'In between',
    'Between.',
    'And now?',
  ])
  expect(texts((await messages.load(id)) ?? []).at(-1)).toBe('Last.')
})

test('sessionOptions: what is kept is looked at and shortened before it is gone on with, and hooks hear of it', async () => {
  const messages = fileStore(await temporary())
  const long = 'word '.repeat(2000)
  const first = await delegate({ messages }, [task({ mode: 'new' }, 'One')], [long])
  const id = idOf(first.output)
  const heard: unknown[] = []
  const sessionOptions = {
    contextWindow: 3000,
    reservedTokens: 1000,
    hooks: {
      onBeforeSend: (history) => void heard.push(['before', history.length]),
      onCompaction: () => 'Keep the names.',
      onAfterResponse: ({ usage }) => void heard.push(['after', usage.totalTokens]),
      onError: (error) => void heard.push(['error', error.message]),
    },
  } satisfies SubagentSessionsConfig['sessionOptions']
  const options = { messages, sessionOptions }
  const second = await delegate(options, [task({ mode: 'resume', id }, 'Two')], ['Names.', 'Yes.'])
  const [summary, asked] = second.child.requests
  expect(summary?.system).toContain('Keep the names.')
  expect(texts(asked?.messages)).toEqual(['[Previous conversation summary]\nNames.', 'Two'])
  expect(heard).toEqual([
    ['before', 2],
    ['after', 15],
  ])
  expect(texts((await messages.load(id)) ?? [])).toEqual([
    '[Previous conversation summary]\nNames.',
    'Two',
    'Yes.',
  ])

  heard.length = 0
  const strategy = {
    compact: () => ({ messages: [], messagesRemoved: 3, tokensPruned: 0 }),
  }
  const own = {
    messages,
    sessionOptions: { ...sessionOptions, compactionStrategy: strategy, shouldCompact: () => true },
  }
  const failing: ScriptedStep = () => Promise.reject(new Error('broken'))
  const third = await delegate(own, [task({ mode: 'resume', id }, 'Three')], [failing])
  expect(texts(third.child.requests[0]?.messages)).toEqual(['Three'])
  expect(heard).toEqual([
    ['before', 3],
    ['error', expect.stringContaining('broken')],
    ['after', 0],
  ])
})

test('sessionOptions.retry says when a call is made again, and how often', async () => {
  const failing: ScriptedStep = () =>
    Promise.reject(new ProviderError('busy', { kind: 'overloaded', retryable: true }))
  const given: string[] = []
  const retry = {
    maxRetries: 2,
    initialDelayMs: 1,
    isRetryable: (error: Error) => given.push(error.message) > 0,
  }
  const options = { messages: fileStore(await temporary()), sessionOptions: { retry } }
  const passing = await delegate(options, [task(undefined)], [failing, failing, 'Here.'])
  expect([passing.output[0], given.length]).toEqual([expect.stringContaining('Here.'), 2])
  const lost = await delegate(options, [task(undefined)], [failing, failing, failing, 'Late.'])
  expect(lost.output[0]).toContain('busy')
  expect(lost.child.requests).toHaveLength(3)
  const never = { ...options, sessionOptions: { retry: { ...retry, isRetryable: () => false } } }
  expect((await delegate(never, [task(undefined)], [failing])).child.requests).toHaveLength(1)
})
