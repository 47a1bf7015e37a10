import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of recorded traffic; absent on most machines, where the tests that need it are skipped with this notice. */
const shared: string | undefined = find()

function find(): string | undefined {
  const beside = fileURLToPath(new URL('../../../../shared', import.meta.url))
  const folder = process.env['HARNEXT_SHARED'] ?? beside
  if (existsSync(`${folder}/fixtures/recorded/ollama`)) return folder
  console.warn(`No recorded traffic in ${folder}: set HARNEXT_SHARED. Its tests are skipped.`)
  return undefined
}

export interface Recorded {
  readonly name: string
  readonly model: string
  readonly session: { readonly id: string; readonly step: number; readonly steps: number }
  readonly request: { readonly body: RecordedBody }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}
export interface RecordedBody {
  readonly model: string
  readonly messages: readonly RecordedMessage[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
}
export type RecordedMessage = Readonly<Record<string, unknown>> & {
  readonly role: string
  readonly content: string
}

export function recordings(...folders: readonly string[]): Recorded[] {
  if (!shared) return []
  const root = `${shared}/fixtures/recorded/ollama`
  return folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`)
      .toSorted()
      .map((file) => ({
        name: file,
        ...JSON.parse(readFileSync(`${root}/${folder}/${file}`, 'utf8')),
      })),
  )
}
