import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalog } from '@harnext/models'
import { expect, test, vi } from 'vitest'
import { harnext, makePlace } from '../harnext-process.ts'
import { recordedEvents } from '../recorded-events.ts'
import { anthropic } from '../wire/anthropic.ts'
import { google } from '../wire/google.ts'
import { ollama } from '../wire/ollama.ts'
import { openai } from '../wire/openai.ts'
import { tokensOfTurn, type Turn, type Vendor } from '../wire/turn.ts'
import { vendorServer } from '../wire/vendor-server.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Read; edit and run; answer. */
const task: readonly Turn[] = [
  {
    text: ['I read ', 'the file — it is short.'],
    calls: [{ name: 'read', input: { path: 'greet.mjs' } }],
  },
  {
    text: ['There is a typo. '],
    calls: [
      {
        name: 'edit',
        input: { path: 'greet.mjs', old_string: 'Helo', new_string: 'Hello, Zürich' },
      },
      { name: 'bash', input: { command: 'node greet.mjs > said.txt && cat said.txt' } },
    ],
  },
  { text: ['The greeting ', 'is mended.'], calls: [] },
]

const vendors = [anthropic, openai, google, ollama]

async function runTask(vendor: Vendor) {
  const place = await makePlace()
  await writeFile(join(place.cwd, 'greet.mjs'), "console.log('Helo')\n")
  const { url, requests } = await vendorServer(vendor, task)
  const run = await harnext(['-p', 'Mend the greeting', '--output-format', 'json'], {
    place,
    env: { ANTHROPIC_API_KEY: '', ...vendor.env(url) },
  })
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining(`${vendor.id}/`) })
  const names = await readdir(place.cwd)
  const files = await Promise.all(
    names.toSorted().map(async (name) => [name, await readFile(join(place.cwd, name), 'utf8')]),
  )
  return {
    requests,
    result: JSON.parse(run.stdout) as Result,
    files,
    events: await recordedEvents(place),
  }
}

interface Result {
  readonly usage: { readonly costUsd: number | null }
  readonly messages: readonly { readonly provider?: string; readonly model?: string }[]
}

test('the same task on every provider: the same events, the same files, and its own cost', async () => {
  const runs = await Promise.all(
    vendors.map(async (vendor) => ({ vendor, ...(await runTask(vendor)) })),
  )
  const [first] = runs
  expect(first?.files).toEqual([
    ['greet.mjs', "console.log('Hello, Zürich')\n"],
    ['said.txt', 'Hello, Zürich\n'],
  ])
  expect(first?.result).toMatchObject({
    text: 'The greeting is mended.',
    stopReason: 'complete',
    turns: 3,
    toolCalls: 3,
    filesChanged: expect.arrayContaining(['greet.mjs']),
    usage: { inputTokens: 3000, outputTokens: 150 },
    steps: [
      { tool: 'read', status: 'ok' },
      { tool: 'edit', status: 'ok' },
      { tool: 'bash', status: 'ok' },
    ],
  })
  for (const { vendor, result, files, events, requests } of runs) {
    const { id } = vendor
    expect({ id, files, events }).toEqual({ id, files: first?.files, events: first?.events })
    expect(result.usage.costUsd).toBeCloseTo(costOf(vendor), 10)
    expect(result.messages.find(({ provider }) => provider !== undefined)).toMatchObject({
      provider: id,
      model: vendor.model,
    })
    expect(requests).toHaveLength(3)
    expect(requests[2]?.body).toContain('Hello, Zürich')
    if (vendor.key) expect(requests[0]?.headers[vendor.key[0]]).toBe(vendor.key[1])
  }
  expect(runs.map(({ result }) => result.usage.costUsd === 0)).toEqual([false, false, false, true])
})

/** US dollars, by the catalog's prices. */
function costOf({ id, model }: Vendor): number {
  const price = catalog.find(id, model)?.price
  if (!price) throw new Error(`The catalog knows no price of ${id}/${model}.`)
  const { input, output } = tokensOfTurn
  return (task.length * (input * price.input + output * price.output)) / 1e6
}
