import { expect, test, vi } from 'vitest'
import type { Turn } from './workflows/model-server.ts'
import { good, simulate } from './workflows/simulation.ts'

// Further ways that an issue can go: a part of what continuous integration runs beyond the other tests, see `HARNEXT_LONG`.

vi.setConfig({ testTimeout: 300_000 })

test('a review that is content after a fix merges what it saw', async () => {
  let reviews = 0
  const { open, issue, place } = await simulate({
    answer: (task, turn) => {
      if (task.startsWith('Review') && (reviews += 1) === 1)
        return { verdict: 'revise', report: 'Say it twice.' }
      if (task.startsWith('Fix') && turn === 0)
        return { tool: 'bash', args: { command: 'echo 42 >> answer.txt' } }
      return good(task, turn)
    },
    configure: (harness) => harness.setup({ stages: ['implement', 'review'] }),
  })
  await open()
  expect(issue).toMatchObject({ state: 'closed', labels: [] })
  expect(await place.git('-C', place.origin, 'show', 'main:answer.txt')).toBe('42\n42\n')
})

test('limits, a failed provider and a missing key end in needs-judgement', async () => {
  const endless = (): Turn => ({ tool: 'read', args: { path: 'answer.txt' } })
  const turns = await simulate({
    answer: endless,
    async configure(harness) {
      await harness.setup({ stages: ['plan', 'implement'] })
      harness.setStage('plan', { maxTurns: 2 })
    },
  })
  await turns.open()
  expect(turns.issue.labels).toEqual(['stage:needs-judgement'])
  expect(turns.issue.comments.at(-1)?.body).toContain('The run reached its limit of turns.')
  const budget = await simulate({
    answer: endless,
    async configure(harness) {
      await harness.setup({ stages: ['plan', 'implement'] })
      harness.setStage('plan', { budget: { maxCostUsd: 0.0001 } })
    },
  })
  await budget.open()
  expect(budget.issue.comments.at(-1)?.body).toContain('The run reached its budget.')
  const key = await simulate({
    answer: endless,
    async configure(harness) {
      await harness.setup({ stages: ['plan', 'implement'] })
      harness.setStage('plan', { secret: 'NOT_SET' })
    },
  })
  await key.open()
  expect(key.issue.labels).toEqual(['stage:needs-judgement'])
  expect(key.issue.comments.at(-1)?.body).toContain('The settings make no sense')
  expect(key.engine.log).toMatch(/::stop-commands::(end-of-[\d-]+)\nharnext: .*\n::\1::/)
})

test('a stage with approval waits for a person, who goes on by a label', async () => {
  const { open, label, issue, place } = await simulate({
    answer: good,
    async configure(harness) {
      await harness.setup({ stages: ['plan', 'implement'], merge: 'manual' })
      harness.setStage('plan', { approval: true })
    },
  })
  await open()
  expect(issue.labels).toEqual(['stage:awaiting-approval'])
  expect(issue.comments.at(-1)?.body).toContain('To go on, add the label `stage:implement`.')
  await label('stage:implement')
  expect(issue).toMatchObject({ state: 'open', labels: ['stage:awaiting-approval'] })
  expect(place.server.state.pulls).toMatchObject([{ draft: false, merged: false }])
})
