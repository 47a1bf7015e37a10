import { isWriter, type Stage } from '../stage/stage.ts'
import type { Yaml } from '../yaml.ts'
import { handOver, publish, report } from './finish-scripts.ts'
import { actions } from './pins.ts'
import { fileOf, labelOf, type Pipeline } from './pipeline.ts'

/** What follows a stage. `ready`: its pull request waits for a person. */
export interface Ending {
  readonly kind: 'stage' | 'approval' | 'ready' | 'merge' | 'end'
  /** The id of the next stage. */
  readonly next?: string
  /** The id of the stage that fixes what this one sends back. */
  readonly fix?: string
}

/** The job that may write: it has no agent, and takes nothing from it but a patch, a report and a verdict. */
export function finishJob(
  stage: Stage,
  pipeline: Pipeline,
  ending: Ending,
): { readonly [key: string]: Yaml } {
  const writes = isWriter(stage)
  const settlesPull = ending.kind === 'merge' || ending.kind === 'ready'
  const starts = ending.kind === 'stage' || ending.fix !== undefined
  return {
    needs: 'work',
    // Also where the agent's job failed or was cut off: somebody has to be told.
    if: `\${{ always() && needs.work.result != 'skipped' && needs.work.outputs.wanted != 'false' }}`,
    'runs-on': pipeline.runsOn,
    'timeout-minutes': 15,
    permissions: {
      ...(starts && { actions: 'write' }),
      ...((writes || settlesPull) && { contents: 'write' }),
      issues: 'write',
      ...((writes || settlesPull) && { 'pull-requests': 'write' }),
    },
    steps: [
      ...(writes ? [checkOut] : []),
      {
        name: 'Take over',
        'continue-on-error': true,
        uses: actions.download,
        with: { name: 'stage', path: '${{ runner.temp }}/harnext' },
      },
      ...(writes ? [publishStep] : []),
      {
        name: 'Report',
        if: '${{ always() }}',
        shell: 'bash',
        env: { GH_TOKEN: '${{ github.token }}' },
        run: report,
      },
      handOverStep(stage, pipeline, ending),
    ],
  }
}

const checkOut: Yaml = {
  name: 'Check out',
  uses: actions.checkout,
  with: { 'fetch-depth': 0, 'persist-credentials': false },
}

const publishStep: Yaml = {
  name: 'Publish what was changed',
  id: 'publish',
  shell: 'bash',
  env: { GH_TOKEN: '${{ github.token }}', HEAD: '${{ needs.work.outputs.head }}' },
  run: publish,
}

function handOverStep(stage: Stage, pipeline: Pipeline, { kind, next, fix }: Ending): Yaml {
  const writes = isWriter(stage)
  return {
    name: 'Go on',
    if: '${{ always() }}',
    shell: 'bash',
    env: {
      GH_TOKEN: '${{ github.token }}',
      OUTCOME: '${{ needs.work.outputs.outcome }}',
      PUBLISHED: writes ? '${{ steps.publish.outcome }}' : 'success',
      HEAD: writes ? '${{ steps.publish.outputs.head }}' : '${{ needs.work.outputs.head }}',
      PREFIX: pipeline.labelPrefix,
      THEN: kind,
      METHOD: pipeline.merge,
      NEXT_LABEL: next === undefined ? '' : labelOf(pipeline, next),
      NEXT_WORKFLOW: next === undefined ? '' : fileOf(next),
      FIX_LABEL: fix === undefined ? '' : labelOf(pipeline, fix),
      FIX_WORKFLOW: fix === undefined ? '' : fileOf(fix),
      MAX_ITERATIONS: fix === undefined ? '0' : String(stage.maxIterations),
    },
    run: handOver,
  }
}
