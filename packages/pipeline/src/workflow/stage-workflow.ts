import { fixId, isWriter, type Stage } from '../stage/stage.ts'
import type { Yaml } from '../yaml.ts'
import { finishJob, type Ending } from './finish-job.ts'
import { issueNumber, labelOf, type Pipeline } from './pipeline.ts'
import { workJob } from './work-job.ts'

/** The workflow of a stage: a job in which the agent works and can only read, and one without an agent that may write. */
export function stageWorkflow(stage: Stage, pipeline: Pipeline): { readonly [key: string]: Yaml } {
  const label = labelOf(pipeline, stage.id)
  const ending = endingOf(stage, pipeline)
  // Events of other labels end at once; they must not take the place of a run that waits for its turn.
  const isOther = `github.event_name == 'issues' && github.event.label.name != '${label}'`
  const group = `\${{ ${isOther} && github.run_id || format('harnext-issue-{0}', inputs.issue || github.event.issue.number) }}`
  return {
    name: `stage-${stage.id}`,
    'run-name': `stage-${stage.id} of issue ${issueNumber}`,
    on: {
      issues: { types: ['labeled'] },
      workflow_dispatch: {
        inputs: {
          issue: { description: 'Number of the issue', required: true, type: 'string' },
        },
      },
    },
    permissions: {},
    concurrency: { group, 'cancel-in-progress': false },
    env: {
      GH_REPO: '${{ github.repository }}',
      ISSUE: issueNumber,
      BRANCH: `harnext/issue-${issueNumber}`,
      BASE: pipeline.defaultBranch,
      LABEL: label,
    },
    jobs: {
      work: workJob(stage, pipeline, ending),
      finish: finishJob(stage, pipeline, ending),
    },
  }
}

/** What follows a stage that went well, and one that sent the change back. */
function endingOf(stage: Stage, pipeline: Pipeline): Ending {
  const { stages, merge } = pipeline
  const isFix = !stages.some(({ id }) => id === stage.id)
  const at = stages.findIndex(({ id }) => (isFix ? fixId(id) : id) === stage.id)
  const next = stages[isFix ? at : at + 1]
  const writes = stages.some((one) => isWriter(one) || one.kind === 'review')
  const fix = stage.kind === 'review' && { fix: fixId(stage.id) }
  const last = !writes ? 'end' : merge === 'manual' ? 'ready' : 'merge'
  if (!next) return { kind: stage.approval && last === 'merge' ? 'ready' : last, ...fix }
  return { kind: stage.approval ? 'approval' : 'stage', next: next.id, ...fix }
}
