// The stages of a pipeline: add, change and remove them before it is written.
import { deepStrictEqual, ok } from 'node:assert'
import { Harness } from '@harnext/sdk'

const harness = new Harness({ repo: '.', provider: 'anthropic' })

harness.addStage('security', {
  after: 'review',
  prompt: 'Run a security review of the diff; block on high-severity findings.',
  provider: 'anthropic',
  permissionMode: 'plan',
})
harness.setStage('implement', {
  maxTurns: 60,
  budget: { maxCostUsd: 2 },
  allow: ['bash(npm test:*)'],
  deny: ['read(./.env)'],
})
harness.setStage('plan', { approval: true }) // a person adds the next label
harness.removeStage('triage')

console.log(harness.stages.join(' → '))

deepStrictEqual(harness.stages, ['plan', 'implement', 'review', 'security'])
const review = harness.render()['.github/workflows/stage-review.yml']
ok(review?.includes('NEXT_LABEL: stage:security'))
