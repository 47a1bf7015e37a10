// A spending limit: a warning on the way, and no call that could go beyond it.
import { deepStrictEqual, ok } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isResult, isSystemEvent, run, type Result } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const turn = (id: string) => ({
  content: [call(id, 'glob', { pattern: '*' })],
  usage: { inputTokens: 1000, outputTokens: 2000 },
})
const provider = scripted([turn('1'), turn('2'), turn('3')], { id: 'anthropic' })

const events: string[] = []
let result: Result | undefined
for await (const message of run('Look, again and again.', {
  provider,
  cwd,
  home: join(cwd, '.harnext'),
  maxTokens: 2000,
  // US dollars for a million tokens. Leave this out, and the catalog's prices count.
  price: () => ({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }),
  budget: { maxCostUsd: 0.05, warnAt: [0.8] },
})) {
  if (isSystemEvent(message)) {
    console.log(message.type, message.data)
    events.push(message.type)
  }
  if (isResult(message)) result = message
}

await rm(cwd, { recursive: true })

ok(result)
deepStrictEqual(events, ['session_start', 'budget_warning', 'budget_exceeded'])
deepStrictEqual([result.stopReason, result.totalCost, result.turns], ['budget', 0.044, 2])
