import type { Yaml } from '../yaml.ts'
import { hostedRunner } from './pins.ts'
import { fileOf, labelOf, type Pipeline } from './pipeline.ts'

const openedNumber = '${{ github.event.issue.number }}'

/** Who may start the pipeline by opening an issue. */
const insiders = `contains(fromJSON('["OWNER","MEMBER","COLLABORATOR"]'), github.event.issue.author_association)`

const script = `labels="$(gh issue view "$ISSUE" --json labels --jq '.labels[].name')"
while IFS= read -r name; do
  case "$name" in "$PREFIX"*) echo "The issue is in the pipeline already."; exit 0 ;; esac
done <<< "$labels"
gh issue edit "$ISSUE" --add-label "$LABEL" > /dev/null
gh workflow run "$WORKFLOW" --ref "$BASE" -f "issue=$ISSUE" > /dev/null
`

/** Puts new issues in front of the first stage. */
export function taggerWorkflow(pipeline: Pipeline): { readonly [key: string]: Yaml } {
  const [first] = pipeline.stages
  return {
    name: 'stage-tagger',
    on: { issues: { types: ['opened'] } },
    permissions: {},
    concurrency: { group: `harnext-issue-${openedNumber}`, 'cancel-in-progress': false },
    jobs: {
      tag: {
        ...(pipeline.intake === 'members' && { if: insiders }),
        'runs-on': hostedRunner,
        'timeout-minutes': 5,
        permissions: { actions: 'write', issues: 'write' },
        steps: [
          {
            name: 'Begin with the first stage',
            shell: 'bash',
            env: {
              GH_TOKEN: '${{ github.token }}',
              GH_REPO: '${{ github.repository }}',
              ISSUE: openedNumber,
              PREFIX: pipeline.labelPrefix,
              LABEL: first ? labelOf(pipeline, first.id) : '',
              WORKFLOW: first ? fileOf(first.id) : '',
              BASE: pipeline.defaultBranch,
            },
            run: script,
          },
        ],
      },
    },
  }
}
