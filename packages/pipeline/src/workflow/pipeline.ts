import type { Stage } from '../stage/stage.ts'

/** All that the workflows follow from. */
export interface Pipeline {
  /** In their order; without those that only fix. */
  readonly stages: readonly Stage[]
  readonly labelPrefix: string
  readonly defaultBranch: string
  readonly runsOn: string | readonly string[]
  readonly merge: MergeMethod
  readonly intake: Intake
  /** Of the command line that the stages install. */
  readonly harnextVersion: string
}

/** What becomes of the pull request behind the last stage. `manual`: a person merges it. */
export type MergeMethod = 'squash' | 'merge' | 'rebase' | 'manual'
/** Whose new issues begin by themselves. `manual`: nobody's; somebody adds the first label. */
export type Intake = 'members' | 'everyone' | 'manual'

export const workflowFolder = '.github/workflows'

/** GitHub gives a number here, whoever wrote the issue. */
export const issueNumber = '${{ inputs.issue || github.event.issue.number }}'

export function labelOf({ labelPrefix }: Pick<Pipeline, 'labelPrefix'>, id: string): string {
  return `${labelPrefix}${id}`
}

export function fileOf(id: string): string {
  return `stage-${id}.yml`
}
