// One task, four vendors: what you change is a name. Each speaks a protocol of its own, and the result is the same.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harnext, type RunResult } from '@harnext/sdk'
import { closingWords, file, serveVendor, type VendorName } from './support/vendor-servers.ts'

const vendors: readonly VendorName[] = ['anthropic', 'openai', 'google', 'ollama']

interface Outcome {
  readonly vendor: VendorName
  readonly result: RunResult
  readonly written: string
}
const outcomes: Outcome[] = []

for (const vendor of vendors) {
  const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
  const server = await serveVendor(vendor)

  const agent = new Harnext({
    provider: vendor,
    // These two lead to a small server on this machine. Without them the key is ANTHROPIC_API_KEY and so on, and the vendor answers.
    baseUrl: server.baseUrl,
    apiKey: 'any',
    cwd: folder,
    home: join(folder, '.harnext'),
  })
  const result = await agent.run('Write a greeting into hello.txt.')
  console.log(`${vendor}: ${result.text}`)

  const written = await readFile(join(folder, file.path), 'utf8')
  outcomes.push({ vendor, result, written })
  server.close()
  await rm(folder, { recursive: true })
}

for (const { vendor, result, written } of outcomes) {
  const { text, steps, turns, usage, filesChanged } = result
  const calls = steps.map(({ tool, args, status }) => [tool, args, status])
  deepStrictEqual([text, turns, usage.totalTokens], [closingWords, 2, 220], vendor)
  deepStrictEqual(calls, [['write', file, 'ok']], vendor)
  deepStrictEqual([filesChanged, written], [[file.path], file.content], vendor)
}
// What came from a vendor stays marked with its name: another one can go on with the session.
deepStrictEqual(
  outcomes
    .map(({ result }) => result.messages.at(-1))
    .map((last) => last?.role === 'assistant' && last.provider),
  vendors,
)
