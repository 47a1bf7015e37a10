import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { ConfigError, messageOf } from '@harnext/core/provider'
import { listIn, objectIn, textIn, type Loose } from '../wire/answer.ts'
import { wireFormats, type WireFormat } from '../wire/formats.ts'

/** One recorded interaction of a client with a vendor. */
export interface CorpusFile {
  /** Relative to the folder. */
  readonly name: string
  /** Whose wire format it is: `openai-compat`. */
  readonly provider: string
  /** Whose server it was: `groq`. */
  readonly vendor: string
  /** `chat` */
  readonly api: string
  /** `null` where it was not recorded. */
  readonly model: string | null
  readonly session: { readonly id: string; readonly step: number }
  readonly request: { readonly path: string; readonly body: Loose } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

/** The files of a folder and all below it, sorted by name; an `index.json` is none. Throws `ConfigError` for what cannot be read. */
export function readCorpus(folder: string): CorpusFile[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.json') && path.basename(name) !== 'index.json')
    .toSorted()
    .map((name) => readFile(folder, name))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    throw new ConfigError(`The folder ${folder} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function readFile(folder: string, name: string): CorpusFile {
  const file = path.join(folder, name)
  try {
    const recorded = objectIn(JSON.parse(readFileSync(file, 'utf8')))
    return toCorpusFile(name, recorded)
  } catch (error) {
    throw new ConfigError(`${file} is no recorded interaction: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function toCorpusFile(name: string, recorded: Loose): CorpusFile {
  const response = objectIn(recorded['response'])
  const request = objectIn(recorded['request'])
  const session = objectIn(recorded['session'])
  const { status, headers, body } = response
  if (typeof status !== 'number' || typeof body !== 'string')
    throw new TypeError('expected response.status, a number, and response.body, a text')
  const provider = textIn(recorded['provider'])
  return {
    name,
    provider,
    vendor: textIn(recorded['vendor']) || provider,
    api: textIn(recorded['api']),
    model: typeof recorded['model'] === 'string' ? recorded['model'] : null,
    session: { id: textIn(session['id']), step: Number(session['step'] ?? 0) },
    request: recorded['request']
      ? { path: textIn(request['path']), body: objectIn(request['body']) }
      : null,
    response: { status, headers: objectIn(headers) as Record<string, string>, body },
  }
}

/** Of the file's provider, or of the one whose API all the compatible ones speak. */
export function corpusFormat({ provider, api }: CorpusFile): WireFormat | undefined {
  const vendor = provider.replace(/-compat(ible)?$/, '')
  return wireFormats.find(({ id }) => id === `${vendor}.${api}`)
}

/** The streams of a format in a folder, without the very long ones. Throws `ConfigError` for what cannot be read. */
export function bodiesOf(folder: string, format: WireFormat): string[] {
  return readCorpus(folder)
    .filter((file) => corpusFormat(file) === format)
    .map(({ response }) => response.body)
    .filter((body) => body.length < LONGEST_BODY)
}

const LONGEST_BODY = 20_000

/** The names of the tools that a recorded request declares, in whatever way its vendor does. */
export function toolNamesIn({ request }: CorpusFile): string[] {
  return listIn(request?.body['tools']).flatMap((tool) => [
    ...(tool['input_schema'] || tool['parameters'] ? [textIn(tool['name'])] : []),
    ...(tool['function'] ? [textIn(objectIn(tool['function'])['name'])] : []),
    ...listIn(tool['functionDeclarations']).map(({ name }) => textIn(name)),
  ])
}

/** Without what describes the transport of the recording. */
export function keptHeaders({ response }: CorpusFile): Record<string, string> {
  const transport = /^(content-length|content-encoding|transfer-encoding|connection|date)$/i
  return Object.fromEntries(
    Object.entries(response.headers).filter(([name]) => !transport.test(name)),
  )
}
