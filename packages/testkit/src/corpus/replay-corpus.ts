import {
  messageOf,
  userMessage,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { collect, foldedMessage } from '../provider/collect.ts'
import type { AdapterFactory } from '../provider/factory.ts'
import { withAdapter, type CallServer } from '../provider/subject.ts'
import type { FixtureAnswer } from '../server/fixture-server.ts'
import { awkwardly } from '../server/split.ts'
import type { WireFormat } from '../wire/formats.ts'
import {
  corpusFormat,
  keptHeaders,
  readCorpus,
  toolNamesIn,
  type CorpusFile,
} from './corpus-file.ts'
import { differenceFrom, expectedOf } from './judge.ts'
import { continued, nextSteps, owedTo } from './round-trip.ts'

export interface CorpusResult {
  readonly file: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly reason?: string
}

/** The adapter for a recorded answer, by its vendor and API; a text says why there is none. */
export type FactoryFor = (
  file: CorpusFile,
  format: WireFormat,
) => AdapterFactory | string | Promise<AdapterFactory | string>

/**
 * Serves every recorded body of a folder to the adapter of its vendor, whole and cut into pieces, and compares what comes of it
 * with what the body says; where the recorded client went on, what the vendor had signed has to come back in the next request. Gives the results as they come, in the order of the files' names. Throws `ConfigError` for a folder or
 * a file that cannot be read.
 */
export async function* replayCorpus(
  folder: string,
  factoryFor: FactoryFor,
): AsyncGenerator<CorpusResult, void, undefined> {
  const files = readCorpus(folder)
  const next = nextSteps(files)
  for (const file of files) yield await replayFile(file, next.get(file), factoryFor)
}

async function replayFile(
  file: CorpusFile,
  next: CorpusFile | undefined,
  factoryFor: FactoryFor,
): Promise<CorpusResult> {
  const { name, provider, api } = file
  const format = corpusFormat(file)
  if (!format) {
    const reason = `no answer of a model, or one of an API without an adapter: ${provider} ${api}`
    return { file: name, status: 'skipped', reason }
  }
  const factory = await factoryFor(file, format)
  if (typeof factory === 'string') return { file: name, status: 'failed', reason: factory }
  const reason = await replayWith({ file, format, factory }, next)
  return reason === null
    ? { file: name, status: 'passed' }
    : { file: name, status: 'failed', reason }
}

interface Replay {
  readonly file: CorpusFile
  readonly format: WireFormat
  readonly factory: AdapterFactory
}

async function replayWith(replay: Replay, next: CorpusFile | undefined): Promise<string | null> {
  try {
    const { status, body, headers } = replay.file.response
    const isStream = !/application\/json/.test(headers['content-type'] ?? '')
    const expected = expectedOf(replay.format, { status, body, isStream })
    for (const [how, sent] of [
      ['whole', body],
      ['cut into pieces', awkwardly(body)],
    ] as const) {
      const difference = await serving(replay, sent, async (adapter) =>
        differenceFrom(expected, await collect(adapter, requestFor(replay.file))),
      )
      if (difference !== null) return `${how}: ${difference}`
    }
    return next && 'answer' in expected ? await notReturned(replay, next) : null
  } catch (error) {
    return `the body cannot be read: ${messageOf(error)}`
  }
}

/** What of the answer should have come back in the next request, and did not. */
async function notReturned(replay: Replay, next: CorpusFile): Promise<string | null> {
  const owed = owedTo(replay.file, next)
  if (owed.length === 0) return null
  return serving(replay, replay.file.response.body, async (adapter, server) => {
    const request = requestFor(replay.file)
    const answer = foldedMessage(adapter, request.model, await collect(adapter, request))
    await collect(adapter, { ...request, messages: continued(answer) })
    const sent = server.calls().at(-1)?.body ?? ''
    const missing = owed.find((value) => !sent.includes(JSON.stringify(value)))
    return missing === undefined
      ? null
      : `what the vendor signed does not come back: ${missing.slice(0, 60)}`
  })
}

function serving<T>(
  { file, format, factory }: Replay,
  body: NonNullable<FixtureAnswer['body']>,
  use: (adapter: ProviderAdapter, server: CallServer) => Promise<T>,
): Promise<T> {
  const { status } = file.response
  const answer = { status, headers: keptHeaders(file), body }
  return withAdapter({ format, factory }, () => answer, use)
}

function requestFor(file: CorpusFile): ModelRequest {
  const parameters = { type: 'object' } as const
  const tools = toolNamesIn(file).map((name) => ({ name, description: name, parameters }))
  return {
    model: file.model ?? 'model',
    messages: [userMessage('Hello')],
    ...(tools.length > 0 && { tools }),
  }
}
