import { messageOf, userMessage, type ModelRequest } from '@harnext/core/provider'
import { collect, type Collected } from '../provider/collect.ts'
import { TEST_KEY, type AdapterFactory } from '../provider/factory.ts'
import { startFixtureServer, type FixtureAnswer } from '../server/fixture-server.ts'
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
 * with what the body says. Gives the results as they come, in the order of the files' names. Throws `ConfigError` for a folder or
 * a file that cannot be read.
 */
export async function* replayCorpus(
  folder: string,
  factoryFor: FactoryFor,
): AsyncGenerator<CorpusResult, void, undefined> {
  for (const file of readCorpus(folder)) yield await replayFile(file, factoryFor)
}

async function replayFile(file: CorpusFile, factoryFor: FactoryFor): Promise<CorpusResult> {
  const { name, provider, api } = file
  const format = corpusFormat(file)
  if (!format) {
    const reason = `no answer of a model, or one of an API without an adapter: ${provider} ${api}`
    return { file: name, status: 'skipped', reason }
  }
  const factory = await factoryFor(file, format)
  if (typeof factory === 'string') return { file: name, status: 'failed', reason: factory }
  const reason = await replayWith(file, format, factory)
  return reason === null
    ? { file: name, status: 'passed' }
    : { file: name, status: 'failed', reason }
}

async function replayWith(
  file: CorpusFile,
  format: WireFormat,
  factory: AdapterFactory,
): Promise<string | null> {
  try {
    const { status, body, headers } = file.response
    const isStream = !/application\/json/.test(headers['content-type'] ?? '')
    const expected = expectedOf(format, { status, body, isStream })
    for (const [how, sent] of [
      ['whole', body],
      ['cut into pieces', awkwardly(body)],
    ] as const) {
      const difference = differenceFrom(expected, await replay(file, sent, format, factory))
      if (difference !== null) return `${how}: ${difference}`
    }
    return null
  } catch (error) {
    return `the body cannot be read: ${messageOf(error)}`
  }
}

/** Serves the body once. */
async function replay(
  file: CorpusFile,
  body: NonNullable<FixtureAnswer['body']>,
  format: WireFormat,
  factory: AdapterFactory,
): Promise<Collected> {
  const { status } = file.response
  const server = await startFixtureServer(({ path }) =>
    format.isCall(path)
      ? { status, headers: keptHeaders(file), body }
      : { status: 404, body: '{}' },
  )
  try {
    const adapter = factory({ baseURL: server.url, apiKey: TEST_KEY })
    return await collect(adapter, requestFor(file))
  } finally {
    await server.close()
  }
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
