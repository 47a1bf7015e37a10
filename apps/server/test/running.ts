import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { SessionStore } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { scripted, type ScriptedAdapter, type ScriptedStep } from '@harnext/core/testing'
import { Harnext, type HarnextOptions } from '@harnext/sdk'
import { expect, onTestFinished } from 'vitest'
import { startServer, type ServerOptions } from '../src/index.ts'

/** A real path that is gone after the test. */
export async function temporary(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'harnext-server-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface Api {
  readonly url: string
  readonly token: string
  readonly cwd: string
  readonly home: string
  readonly store: SessionStore
  readonly adapter: ScriptedAdapter
  readonly close: () => Promise<void>
  /** The answer, read as JSON. */
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** The id of a new session. */
  session(): Promise<string>
  events(id: string, lastEventId?: number): Promise<EventReader>
}
export interface Answer {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- what a client reads has no type
  readonly json: any
}

export interface RunningOptions extends Partial<ServerOptions> {
  readonly settings?: HarnextOptions
  readonly place?: { readonly cwd: string; readonly home: string }
}

/** A server with a model that answers from a script; both end with the test. */
export async function running(
  steps: readonly ScriptedStep[] = [],
  { settings, place, ...options }: RunningOptions = {},
): Promise<Api> {
  const cwd = place?.cwd ?? (await temporary())
  const home = place?.home ?? (await temporary())
  const adapter = scripted(steps)
  const store = options.store ?? jsonlStore({ home })
  const client = new Harnext({ provider: adapter, model: 'm', cwd, home, env: {}, ...settings })
  const failures: Error[] = []
  const onFailure = (error: Error): void => void failures.push(error)
  const server = await startServer({ client, store, cwd, onFailure, ...options })
  const readers = new Set<EventReader>()
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= server.close())
  onTestFinished(async () => {
    for (const reader of readers) reader.leave()
    await close()
    expect(failures).toEqual([])
  })
  const authorization = { authorization: `Bearer ${server.token}` }

  async function call(method: string, where: string, body?: unknown): Promise<Answer> {
    const response = await fetch(server.url + where, {
      method,
      headers: {
        ...authorization,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: await response.json() }
  }
  return {
    ...server,
    cwd,
    home,
    store,
    adapter,
    close,
    call,
    session: async () => (await call('POST', '/v1/sessions')).json.id,
    async events(id, lastEventId) {
      const left = new AbortController()
      const response = await fetch(`${server.url}/v1/sessions/${id}/events`, {
        headers: {
          ...authorization,
          ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
        },
        signal: left.signal,
      })
      if (!response.body || response.status !== 200) throw new Error(`Status ${response.status}`)
      const reader = new EventReader(response.body, left)
      readers.add(reader)
      return reader
    },
  }
}

export interface ServerEvent {
  readonly id?: number
  readonly type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what a client reads has no type
  readonly data: any
  /** As it came. */
  readonly text: string
}

/** What a client does with an event stream. */
export class EventReader {
  readonly seen: ServerEvent[] = []
  readonly #left: AbortController
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''

  constructor(body: ReadableStream<Uint8Array>, left: AbortController) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#left = left
  }

  /** The next event of a type, or of any; the others are in `seen`. `undefined` at the end. */
  async next(type?: string): Promise<ServerEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await this.#chunks.next()
        if (done) return undefined
        this.#text += this.#decoder.decode(value, { stream: true })
        continue
      }
      const event = parseEvent(this.#text.slice(0, end))
      this.#text = this.#text.slice(end + 2)
      if (!event) continue
      this.seen.push(event)
      if (type === undefined || event.type === type) return event
    }
  }

  /** All that is seen until a run has ended. */
  async toRunEnd(): Promise<readonly ServerEvent[]> {
    await this.next('run_end')
    return this.seen
  }

  leave(): void {
    this.#left.abort()
  }
}

function parseEvent(text: string): ServerEvent | undefined {
  const fields = text.split('\n').map((line) => /^(\w*): ?(.*)$/s.exec(line) ?? [line, '', ''])
  const field = (name: string) => fields.find(([, found]) => found === name)?.[2]
  const [id, type, data] = [field('id'), field('event'), field('data')]
  if (type === undefined || data === undefined) return undefined
  return { ...(id !== undefined && { id: Number(id) }), type, data: JSON.parse(data), text }
}

export function textOf(events: readonly ServerEvent[]): string {
  return events.map(({ type, data }) => (type === 'text' ? data.text : '')).join('')
}

/** Opens when it is told to. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  return { opened, open }
}

/** What each gives, in order, beside it: so that a failed comparison says which one it was. */
export async function each<T, R>(
  items: readonly T[],
  give: (item: T) => Promise<R>,
): Promise<readonly (readonly [T, R])[]> {
  const pairs: (readonly [T, R])[] = []
  for (const item of items) pairs.push([item, await give(item)])
  return pairs
}

export function all<T, R>(items: readonly T[], result: R): readonly (readonly [T, R])[] {
  return items.map((item) => [item, result])
}
