// A limit that holds: room for the dearest answer is set aside before a model is called, so nothing is spent beyond it.
import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { BudgetExceeded, Harnext } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'write', { path: '1.txt', content: 'One.\n' })],
    [call('2', 'write', { path: '2.txt', content: 'Two.\n' })],
    [call('3', 'write', { path: '3.txt', content: 'Three.\n' })],
    'All are written.',
  ],
  {
    id: 'anthropic',
    usage: {
      inputTokens: 1000,
      outputTokens: 2000,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      costUsd: null,
    },
  },
)

const agent = new Harnext({
  provider,
  cwd: folder,
  home: join(folder, '.harnext'),
  maxOutputTokens: 2000,
  // US dollars for a million tokens. Leave this out, and the catalog's prices count.
  price: () => ({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }),
  budget: { maxCostUsd: 0.05, warnAt: [0.4, 0.8] },
})

const warnings: number[] = []
const run = agent.stream('Write three files.')
for await (const event of run) {
  if (event.type !== 'budget_warning') continue
  console.log(`$${event.used.toFixed(3)} of $${event.limit} are spent`)
  warnings.push(event.used)
}
// `agent.run` would throw this error, with the same result on it.
const { stopReason, error, usage, filesChanged } = await run.result
console.log(`${error?.message}\nDone until then: ${filesChanged.join(', ')}`)

await rm(folder, { recursive: true })

strictEqual(stopReason, 'budget')
ok(error instanceof BudgetExceeded)
deepStrictEqual(filesChanged, ['1.txt', '2.txt'])
deepStrictEqual([usage.costUsd, warnings], [0.044, [0.022, 0.044]])
