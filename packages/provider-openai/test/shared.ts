import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of recorded traffic; absent on most machines, where the tests that need it are skipped with this notice. */
const shared: string | undefined = find()

function find(): string | undefined {
  const beside = fileURLToPath(new URL('../../../../shared', import.meta.url))
  const folder = process.env['HARNEXT_SHARED'] ?? beside
  if (existsSync(`${folder}/fixtures/recorded/openai`)) return folder
  console.warn(`No recorded traffic in ${folder}: set HARNEXT_SHARED. Its tests are skipped.`)
  return undefined
}

export interface Recorded {
  readonly name: string
  readonly vendor: string
  readonly api: string
  readonly model: string
  readonly session: { readonly id: string; readonly step: number; readonly steps: number }
  readonly request: { readonly body: RecordedBody } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

/** As loose as what clients of all kinds have sent. */
export interface RecordedBody {
  readonly messages?: readonly Loose[]
  readonly input?: string | readonly Loose[]
}
export type Loose = { readonly [key: string]: unknown }

/** All of OpenAI and of those who speak its language, of one API. */
export function recordings(api: 'chat' | 'responses'): Recorded[] {
  if (!shared) return []
  const root = `${shared}/fixtures/recorded`
  return ['openai', 'openai-compat']
    .flatMap((folder) => filesBelow(`${root}/${folder}`))
    .toSorted()
    .map((file): Recorded => ({
      name: file.slice(root.length + 1),
      ...JSON.parse(readFileSync(file, 'utf8')),
    }))
    .filter((recorded) => recorded.api === api)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !name.endsWith('index.json'))
    .map((name) => `${folder}/${name}`)
}

export const isStream = ({ response }: Recorded): boolean =>
  (response.headers['content-type'] ?? '').includes('event-stream')

/** Without what describes the recording's own transport. */
export function keptHeaders({ response }: Recorded): Record<string, string> {
  const transport = /^(content-length|content-encoding|transfer-encoding|connection|date)$/i
  return Object.fromEntries(
    Object.entries(response.headers).filter(([name]) => !transport.test(name)),
  )
}

/** Single bytes; a long body in up to 1,000 pieces, to keep the test short. */
export function pieces(body: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(body)
  const size = Math.ceil(bytes.length / 1000)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

/** The data of the events of a body. */
export function dataOf(body: string): string[] {
  return body
    .replaceAll('\r\n', '\n')
    .split('\n\n')
    .flatMap((block) => {
      const lines = block.split('\n').filter((line) => line.startsWith('data:'))
      return lines.length > 0 ? [lines.map((line) => line.slice(5).trim()).join('\n')] : []
    })
}

/** The value when it is a text. */
export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')
