import type { Option } from './options.ts'

export type PipelineCommandName =
  | 'setup'
  | 'runner status'
  | 'runner logs'
  | 'runner install'
  | 'runner uninstall'

export type PipelineOptionName =
  | 'provider'
  | 'model'
  | 'stages'
  | 'runner'
  | 'default-branch'
  | 'merge'
  | 'intake'
  | 'label-prefix'
  | 'sandbox'
  | 'allow-domain'
  | 'dry-run'
  | 'no-labels'
  | 'service'
  | 'label'
  | 'allow-public'
  | 'follow'
  | 'lines'
  | 'output-format'
  | 'cwd'
  | 'help'

type PipelineOption = Option & { readonly of: readonly PipelineCommandName[] }

const all = ['setup', 'runner status', 'runner logs', 'runner install', 'runner uninstall'] as const

/** The options of `harnext setup` and `harnext runner`, in the order in which help lists them. */
export const pipelineOptions: { readonly [name in PipelineOptionName]: PipelineOption } = {
  provider: {
    type: 'string',
    value: 'name',
    help: 'whose models the stages use; default anthropic',
    of: ['setup'],
  },
  model: {
    type: 'string',
    short: 'm',
    value: 'name',
    help: "default: the provider's",
    of: ['setup'],
  },
  stages: {
    type: 'string',
    value: 'a,b,…',
    help: 'in their order; default triage,plan,implement,review',
    of: ['setup'],
  },
  runner: {
    type: 'string',
    value: 'where',
    help: 'github (default), or self-hosted: see harnext runner --help',
    of: ['setup'],
  },
  'default-branch': { type: 'string', value: 'name', help: 'default main', of: ['setup'] },
  merge: {
    type: 'string',
    value: 'how',
    help: 'squash (default), merge, rebase, or manual: a person merges',
    of: ['setup'],
  },
  intake: {
    type: 'string',
    value: 'whose',
    help: 'whose issues begin by themselves: members (default), everyone, manual',
    of: ['setup'],
  },
  'label-prefix': {
    type: 'string',
    value: 'text',
    help: 'what the labels begin with; default stage:',
    of: ['setup'],
  },
  sandbox: {
    type: 'string',
    value: 'mode',
    help: 'required (default), auto or off: how commands of the stages are held',
    of: ['setup'],
  },
  'allow-domain': {
    type: 'string',
    multiple: true,
    value: 'domain',
    help: 'which they reach; default: package registries; * for all',
    of: ['setup'],
  },
  'dry-run': {
    type: 'boolean',
    help: 'show what would change, as a diff, and change nothing',
    of: ['setup'],
  },
  'no-labels': { type: 'boolean', help: 'leave the labels on GitHub alone', of: ['setup'] },
  service: {
    type: 'string',
    value: 'name',
    help: 'systemd or launchd; default: that of the machine',
    of: ['runner install'],
  },
  label: {
    type: 'string',
    multiple: true,
    value: 'name',
    help: 'a label more, as gpu; may be repeated',
    of: ['runner install'],
  },
  'allow-public': {
    type: 'boolean',
    help: 'also where pull requests of strangers could run on this machine',
    of: ['runner install'],
  },
  follow: { type: 'boolean', short: 'f', help: 'go on until Ctrl-C', of: ['runner logs'] },
  lines: {
    type: 'string',
    short: 'n',
    value: 'number',
    help: 'how many of the last lines; default 200',
    of: ['runner logs'],
  },
  'output-format': {
    type: 'string',
    value: 'format',
    help: 'text, or json (one object)',
    of: ['runner status'],
  },
  cwd: { type: 'string', value: 'folder', help: 'a clone; default: this folder', of: all },
  help: { type: 'boolean', short: 'h', help: 'print this', of: all },
}
