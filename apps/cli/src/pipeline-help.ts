import { optionLine } from './help.ts'
import { pipelineOptions, type PipelineOptionName } from './pipeline-options.ts'

/** What `harnext setup --help` and `harnext runner --help` print. */
export function pipelineHelpText(topic: 'setup' | 'runner'): string {
  const names = (Object.keys(pipelineOptions) as PipelineOptionName[]).filter((name) =>
    pipelineOptions[name].of.some((command) => command.startsWith(topic)),
  )
  const lines = names.map((name) => optionLine(name, pipelineOptions[name])).join('\n')
  return `${topic === 'setup' ? setupUsage : runnerUsage}\nOptions:\n${lines}\n`
}

const setupUsage = `Usage: harnext setup [options]

Writes GitHub workflows, one a stage, in which labels take an issue to a merged
pull request, and makes their labels. On a terminal it asks what no option says,
shows the changes, and asks before it makes them. It may be called again.

  harnext setup --dry-run
  harnext setup --stages plan,implement,review --runner self-hosted
`

const runnerUsage = `Usage: harnext runner install [--label name] [--service name] [--allow-public]
       harnext runner status
       harnext runner logs [--follow] [--lines number]
       harnext runner uninstall

A runner of GitHub Actions on this machine, for the repository of the clone, on
which the stages of harnext setup --runner self-hosted run. It needs git, tar and
gh; with a login of gh's own (gh auth login) each job gets a new registration.
`
