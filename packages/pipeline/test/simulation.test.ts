import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { good, holdsCommands, simulate } from './workflows/simulation.ts'

vi.setConfig({ testTimeout: 300_000 })

test('seed 4: an issue goes from triage to a merged pull request', async () => {
  const { open, engine, issue, place, model, calls } = await simulate({ answer: good })
  await open()
  expect(engine.ran).toEqual([
    'stage-tagger/tag success',
    ...['triage', 'plan', 'implement', 'review'].flatMap((id) => [
      `stage-${id}/work success`,
      `stage-${id}/finish success`,
    ]),
  ])
  const { pulls } = place.server.state
  expect(pulls).toMatchObject([
    {
      head: 'harnext/issue-7',
      base: 'main',
      title: 'Issue 7: The answer is wrong',
      draft: false,
      merged: true,
    },
  ])
  expect(issue).toMatchObject({ state: 'closed', labels: [] })
  expect(issue.comments.map(({ body }) => body.split('\n')[2])).toEqual([
    'Done: Triage @\u200Bteam',
    'Done: Plan @\u200Bteam',
    'Done: Implement @\u200Bteam',
    'Done: Review @\u200Bteam',
  ])
  expect(await place.git('-C', place.origin, 'show', 'main:answer.txt')).toBe('42\n')
  expect(await place.git('-C', place.origin, 'log', '--format=%s', 'main')).toBe(
    'Issue 7: The answer is wrong\nbegin\n',
  )
  // What ran commands was held, on a machine that was made ready for it.
  const sandbox = (await holdsCommands) ? 'required' : 'auto'
  expect(await calls()).toContain(`--sandbox\n${sandbox}\n--allow-domain=registry.npmjs.org\n`)
  expect(await readFile(path.join(place.root, 'sudo.txt'), 'utf8')).toContain('bubblewrap')
  // The review saw the change, and every run left its summary.
  expect(model.requests.at(-1)).toContain('+42')
  expect(engine.summaries.match(/### harnext: complete/g)).toHaveLength(4)
  expect(engine.summaries).toContain('<code>answer.txt</code>')
  expect(engine.summaries).toContain('```mermaid')
  expect(engine.groups.slice(1)).toEqual(Array.from({ length: 4 }, () => 'harnext-issue-7'))
})

test('a change that the review rejects goes around, and stops at the limit', async () => {
  const { open, engine, issue, place } = await simulate({
    answer: (task, turn) => {
      if (task.startsWith('Review')) return { verdict: 'revise', report: 'No.' }
      if (task.startsWith('Fix') && turn === 0)
        return { tool: 'bash', args: { command: 'echo again >> answer.txt' } }
      return good(task, turn)
    },
    async configure(harness) {
      await harness.setup({ stages: ['implement', 'review'] })
      harness.setStage('review', { maxIterations: 1 })
    },
  })
  await open()
  expect(engine.ran.filter((line) => line.includes('/finish'))).toEqual([
    'stage-implement/finish success',
    'stage-review/finish success',
    'stage-review-fix/finish success',
    'stage-review/finish success',
  ])
  expect(issue).toMatchObject({ state: 'open', labels: ['stage:needs-judgement'] })
  expect(place.server.state.pulls).toMatchObject([{ merged: false }])
  expect(await place.git('-C', place.origin, 'show', 'harnext/issue-7:answer.txt')).toBe(
    '42\nagain\n',
  )
})

test('a denied tool ends in needs-judgement, with the reason in the comment', async () => {
  const { open, issue, engine } = await simulate({
    answer: (task, turn) =>
      turn === 0 ? { tool: 'bash', args: { command: 'npm test' } } : good(task, turn),
    configure: (harness) => harness.setup({ stages: ['plan', 'implement'] }),
  })
  await open()
  expect(issue.labels).toEqual(['stage:needs-judgement'])
  expect(issue.comments.at(-1)?.body).toContain('A call of the agent was denied.')
  expect(engine.ran).toEqual([
    'stage-tagger/tag success',
    'stage-plan/work success',
    'stage-plan/finish success',
  ])
  expect(engine.summaries).toContain('Denied: <code>bash</code>')
})
