import { isHeld, isWriter, type Stage } from '../stage/stage.ts'
import type { Yaml } from '../yaml.ts'
import type { Ending } from './finish-job.ts'
import { literal } from './literal.ts'
import { actions, hostedRunner, nodeVersion, sandboxRuntimeVersion } from './pins.ts'
import { labelOf, type Pipeline } from './pipeline.ts'
import {
  install,
  keepChanges,
  prepare,
  prepareSandbox,
  readAnswer,
  readIssue,
  work,
} from './work-scripts.ts'

const wanted = `steps.prepare.outputs.wanted == 'true'`
const always = `\${{ always() && ${wanted} }}`

/** The job in which the agent works. It can read the repository, and nothing of it leaves it but a patch, a report and a verdict. */
export function workJob(
  stage: Stage,
  pipeline: Pipeline,
  ending: Ending,
): { readonly [key: string]: Yaml } {
  const label = labelOf(pipeline, stage.id)
  return {
    if: `github.event_name == 'workflow_dispatch' || github.event.label.name == '${label}'`,
    'runs-on': pipeline.runsOn,
    'timeout-minutes': stage.timeoutMinutes + 10,
    permissions: { contents: 'read', issues: 'read' },
    outputs: {
      wanted: '${{ steps.prepare.outputs.wanted }}',
      head: '${{ steps.issue.outputs.head }}',
      outcome: '${{ steps.answer.outputs.outcome }}',
    },
    steps: [
      {
        name: 'Check out',
        uses: actions.checkout,
        with: { ref: pipeline.defaultBranch, 'fetch-depth': 0, 'persist-credentials': false },
      },
      { name: 'Set up Node', uses: actions.setupNode, with: { 'node-version': nodeVersion } },
      {
        name: 'Read the issue',
        id: 'issue',
        shell: 'bash',
        env: { GH_TOKEN: '${{ github.token }}' },
        run: readIssue,
      },
      { name: 'Prepare the task', id: 'prepare', shell: 'node {0}', run: prepare },
      installStep(stage, pipeline),
      // A machine of one's own is changed by nobody but its owner.
      ...(isHeld(stage) && pipeline.runsOn === hostedRunner ? [sandboxStep] : []),
      workStep(stage),
      ...(isWriter(stage) ? [keepStep] : []),
      answerStep(stage, pipeline, ending),
      {
        name: 'Hand over',
        if: always,
        uses: actions.upload,
        with: {
          name: 'stage',
          path: '${{ runner.temp }}/harnext/out',
          'retention-days': 7,
          overwrite: true,
        },
      },
    ],
  }
}

function installStep(stage: Stage, { harnextVersion }: Pipeline): Yaml {
  return {
    name: 'Install harnext',
    if: wanted,
    shell: 'bash',
    env: {
      HARNEXT_VERSION: harnextVersion,
      SANDBOX_RUNTIME_VERSION: isHeld(stage) ? sandboxRuntimeVersion : '',
    },
    run: install,
  }
}

const sandboxStep: Yaml = {
  name: 'Prepare the sandbox',
  if: wanted,
  shell: 'bash',
  run: prepareSandbox,
}

function workStep(stage: Stage): Yaml {
  const { provider, model, key, maxCostUsd } = stage
  return {
    name: 'Work',
    id: 'work',
    if: wanted,
    shell: 'bash',
    'timeout-minutes': stage.timeoutMinutes,
    env: {
      ...(key && { [key.variable]: `\${{ secrets.${key.secret} }}` }),
      CI: 'true',
      HARNEXT_HOME: '${{ runner.temp }}/harnext-home',
      HARNEXT_PROVIDER: provider,
      ...(model !== undefined && { HARNEXT_MODEL: model }),
      MODE: stage.permissionMode,
      MAX_TURNS: String(stage.maxTurns),
      MAX_COST: maxCostUsd === undefined ? '' : String(maxCostUsd),
      ALLOW: literal(stage.allow.join('\n')),
      DENY: literal(stage.deny.join('\n')),
      ...sandboxEnvironment(stage),
      SCHEMA: JSON.stringify(answerSchema(stage)),
      PROMPT: literal(stage.prompt),
    },
    run: work,
  }
}

function sandboxEnvironment(stage: Stage): { readonly [name: string]: string } {
  const { mode, network } = stage.sandbox
  const domains = typeof network === 'object' ? network.allow : network ? ['*'] : []
  const isOn = isHeld(stage)
  return { SANDBOX: isOn ? mode : 'off', ALLOW_DOMAINS: isOn ? literal(domains.join('\n')) : '' }
}

/** What the agent answers with: whether the issue goes on, and what people and later stages are told. */
function answerSchema({ kind }: Stage): object {
  const verdict = kind === 'review' ? ['proceed', 'revise', 'stop'] : ['proceed', 'stop']
  return {
    type: 'object',
    properties: {
      verdict: { enum: verdict },
      report: { type: 'string', description: 'Markdown' },
    },
    required: ['verdict', 'report'],
    additionalProperties: false,
  }
}

const keepStep: Yaml = {
  name: 'Keep what was changed',
  if: always,
  shell: 'bash',
  env: { HEAD: '${{ steps.issue.outputs.head }}' },
  run: keepChanges,
}

function answerStep(stage: Stage, pipeline: Pipeline, { kind, next }: Ending): Yaml {
  const approve =
    next === undefined ? '' : `To go on, add the label \`${labelOf(pipeline, next)}\`.`
  const onProceed = {
    stage: '',
    approval: approve,
    ready: 'The pull request is ready to be merged by a person.',
    merge: '',
    end: '',
  }
  return {
    name: 'Read the answer',
    id: 'answer',
    if: always,
    shell: 'node {0}',
    env: {
      CODE: '${{ steps.work.outputs.code }}',
      STAGE: stage.id,
      ON_PROCEED: onProceed[kind],
      RUN_URL:
        '${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
    },
    run: readAnswer,
  }
}
